#include "net/outbound_queue.hpp"

#include <array>

#include "net/flusher.hpp"

namespace tickcast::net {
namespace {

constexpr std::size_t most_buffers_a_write = 64;
/// Storage above this goes back as soon as the queue is empty; less waits for the sweep, so that a steady
/// stream does not allocate.
constexpr std::size_t kept_capacity = 256;

constexpr unsigned char close_frame = 0x88;
constexpr unsigned char ping_frame = 0x89;
constexpr unsigned char pong_frame = 0x8a;
/// What a handshake answer ("HTTP/1.1 …") begins with, and no frame that a server sends.
constexpr unsigned char http_answer_begin = 'H';

}  // namespace

outbound_queue::outbound_queue(flusher& through, std::unique_ptr<transport> over, connection_slot slot)
    : flusher_(through), transport_(std::move(over)), slot_(std::move(slot)) {}

outbound_queue::~outbound_queue() {
  subtract_bytes(bytes_);
}

std::size_t outbound_queue::budget() const noexcept {
  return flusher_.configuration().limits.queue_bytes;
}

actors::sent outbound_queue::append(const protocol::frame_ptr& frame) {
  if (closing_ || broken_) return actors::sent::closed;
  const auto size = frame->wire_size();
  if (bytes_ + size > budget() && bytes_ != 0) {
    wants_room_ = true;
    flusher_.counters().over_budget.add();
    return actors::sent::over_budget;
  }
  appended_ = true;
  push(frame, frame_ring::whole, size);
  return actors::sent::queued;
}

actors::sent outbound_queue::answer(const protocol::frame_ptr& frame) {
  if (closing_ || broken_) return actors::sent::closed;
  appended_ = true;
  push(frame, frame_ring::whole, frame->wire_size());
  return actors::sent::queued;
}

bool outbound_queue::send_bytes(const protocol::frame_ptr& payload) {
  if (broken_) return false;
  const auto size = payload->payload().size();
  if (size != 0) push(payload, frame_ring::bare, size);
  return true;
}

bool outbound_queue::send_from_beast(const protocol::frame_ptr& payload) {
  if (broken_) return false;
  const auto bytes = payload->payload();
  if (bytes.empty()) return true;
  switch (static_cast<unsigned char>(bytes.front())) {
    case ping_frame:
    case pong_frame:
      push_urgent(payload, bytes.size());
      return true;
    case close_frame:
      push(payload, frame_ring::bare, bytes.size());
      closing_ = true;
      return true;
    case http_answer_begin:
      push(payload, frame_ring::bare, bytes.size());
      return true;
    default:
      return false;
  }
}

void outbound_queue::push(const protocol::frame_ptr& frame, std::uintptr_t how, std::size_t size) {
  ring_.push_back(frame, how);
  bytes_ += size;
  ++frames_pushed_;
  bytes_pushed_ += size;
  flusher_.counters().queue_bytes.add(size);
  flusher_.touch(*this);
}

void outbound_queue::push_urgent(const protocol::frame_ptr& frame, std::size_t size) {
  std::size_t position = offset_ > 0 ? 1 : 0;
  while (position < ring_.size() && ring_.is_urgent(position)) ++position;
  ring_.insert(position, frame, frame_ring::bare | frame_ring::urgent);
  bytes_ += size;
  urgent_bytes_ += size;
  flusher_.counters().queue_bytes.add(size);
  flusher_.touch(*this);
}

void outbound_queue::flush(clock::time_point now) {
  if (broken_ || awaiting_) return;
  last_flush_ = now;
  const queue_ptr self(this);
  const auto outcome = write_queued();
  if (outcome == transfer::status::failed) {
    abort();
    return;
  }
  if (outcome != transfer::status::moved) await(outcome);
  after_write();
}

transfer::status outbound_queue::write_queued() {
  auto& counters = flusher_.counters();
  while (!ring_.empty()) {
    std::array<iovec, most_buffers_a_write> buffers;
    std::size_t count = 0;
    std::size_t wanted = 0;
    for (; count < ring_.size() && count < buffers.size(); ++count) {
      auto bytes = ring_.bytes(count);
      if (count == 0) bytes.remove_prefix(offset_);
      buffers[count] = {const_cast<char*>(bytes.data()), bytes.size()};
      wanted += bytes.size();
    }
    const auto written = transport_->try_write(buffers.data(), static_cast<int>(count));
    counters.writes.add();
    if (written.what == transfer::status::failed) return written.what;
    if (written.what != transfer::status::moved) {
      counters.blocked_writes.add();
      return written.what;
    }
    counters.bytes_sent.add(written.bytes);
    progressed_ = true;
    consume(written.bytes);
    if (written.bytes < wanted) {
      counters.blocked_writes.add();
      return transfer::status::want_write;
    }
  }
  const auto left = transport_->push_out();
  if (left == transfer::status::want_write) counters.blocked_writes.add();
  return left;
}

void outbound_queue::consume(std::size_t bytes) {
  subtract_bytes(bytes);
  std::uint64_t frames = 0;
  while (bytes > 0) {
    const auto left = ring_.bytes(0).size() - offset_;
    const auto taken = bytes < left ? bytes : left;
    if (ring_.is_urgent(0)) urgent_bytes_ -= taken;
    bytes -= taken;
    if (taken < left) {
      offset_ += taken;
      break;
    }
    offset_ = 0;
    ring_.pop_front();
    ++frames;
  }
  flusher_.counters().frames_sent.add(frames);
}

void outbound_queue::await(transfer::status what) {
  awaiting_ = true;
  transport_->async_wait(what, [self = queue_ptr(this)](error_code ec) {
    self->awaiting_ = false;
    if (ec)
      self->abort();
    else
      self->flush(self->flusher_.now());
  });
}

void outbound_queue::after_write() {
  if (held_.has_value() && !control_above_limit()) held_.invoke();
  if (wants_room_ && !broken_ && bytes_ <= budget() / 4) {
    wants_room_ = false;
    if (watcher_ != nullptr) watcher_->room_again();
  }
  if (broken_ || awaiting_ || !ring_.empty()) return;
  if (ring_.capacity() > kept_capacity) ring_.release_memory();
  if (!std::exchange(wants_sent_, false)) return;
  if (teardown_.has_value())
    teardown_.invoke();
  else if (watcher_ != nullptr)
    watcher_->all_sent();
}

void outbound_queue::want_sent() {
  wants_sent_ = true;
  flusher_.touch(*this);
}

void outbound_queue::drop_unsent() {
  const std::size_t kept = offset_ > 0 ? 1 : 0;
  const std::size_t left = kept != 0 ? ring_.bytes(0).size() - offset_ : 0;
  ring_.truncate(kept);
  subtract_bytes(bytes_ - left);
  urgent_bytes_ = kept != 0 && ring_.is_urgent(0) ? left : 0;
  post_saved(held_);
}

void outbound_queue::abort() {
  if (std::exchange(broken_, true)) return;
  ring_.truncate(0);
  ring_.release_memory();
  offset_ = 0;
  urgent_bytes_ = 0;
  subtract_bytes(bytes_);
  transport_->abort();
  post_saved(held_);
  post_saved(teardown_);
  asio::post(get_executor(), [self = queue_ptr(this)] {
    if (auto* watcher = std::exchange(self->watcher_, nullptr)) watcher->broken();
  });
}

// Never from within abort or drop_unsent: they are called out of Beast's own operations.
void outbound_queue::post_saved(beast::saved_handler& handler) {
  if (!handler.has_value()) return;
  asio::post(get_executor(), [saved = std::move(handler)]() mutable { saved.invoke(); });
}

void outbound_queue::subtract_bytes(std::size_t bytes) noexcept {
  bytes_ -= bytes;
  flusher_.counters().queue_bytes.subtract(bytes);
}

void outbound_queue::note_received(std::size_t bytes) noexcept {
  received_ = true;
  flusher_.counters().bytes_received.add(bytes);
}

void outbound_queue::release_memory() noexcept {
  ring_.release_memory();
}

}  // namespace tickcast::net
