#include "actors/topics/quote_table.hpp"

#include <algorithm>
#include <utility>

#include "protocol/byte_form.hpp"

namespace tickcast::actors {
namespace {

/// Of the whole checkpoint: what another version wrote is not read.
constexpr std::uint64_t checkpoint_version = 1;

}  // namespace

void quote_place::name_in(store::lane& to) {
  if (!std::exchange(named_, true)) to.name(state.of().id, state.of().name);
}

bool quote_place::keep_state(store::lane& to) {
  name_in(to);
  std::string bytes;
  protocol::byte_writer out(bytes);
  out.natural(checkpoint_version);
  out.text(state.owner().name);
  state.save(bytes, 0);
  if (!to.checkpoint(state.of().id, state.position(), bytes)) return false;
  kept_position = state.position();
  return true;
}

quote_place& quote_table::add(const symbol& of, const feed_entry& from, const bar_forms& forms,
                              std::shared_ptr<const analytics::calendar> hours) {
  if (of.id >= places_.size()) places_.resize(std::max<std::size_t>(of.id + 1, places_.size() * 2));
  places_[of.id] = std::make_unique<quote_place>(of, from, forms, std::move(hours));
  ++size_;
  return *places_[of.id];
}

quote_place* quote_table::restore(const symbol& of, std::string_view checkpoint, feed_board& feeds,
                                  const bar_forms& forms, std::shared_ptr<const analytics::calendar> hours) {
  protocol::byte_reader in(checkpoint);
  if (in.natural() != checkpoint_version) return nullptr;
  const auto owner = in.text();
  if (!in.ok()) return nullptr;
  auto& made = add(of, feeds.add(owner, 0, false, 0), forms, std::move(hours));
  auto left = in.left();
  const auto named = [&](std::string_view name) { return &feeds.add(name, 0, false, 0); };
  if (made.state.load(left, named) && left.empty()) return &made;
  places_[of.id].reset();
  --size_;
  return nullptr;
}

}  // namespace tickcast::actors
