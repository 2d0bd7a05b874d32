#include "actors/topics/waiting_list.hpp"

#include <utility>

namespace tickcast::actors {

void waiting_list::enter(const listen& wish, const switchboard::lines& lines) {
  auto& mine = wishes_[wish.topic];
  std::erase_if(mine, [&](const listen& each) { return each.post == wish.post; });
  if (wish.classes != 0) {
    mine.push_back(wish);
    tell(lines.posts[wish.post], attached{wish.ticket, {}, 0, no_feed, false, nullptr});
  }
  if (mine.empty()) wishes_.erase(wish.topic);
}

std::vector<listen> waiting_list::take(const std::string& topic) {
  auto node = wishes_.extract(topic);
  return node ? std::move(node.mapped()) : std::vector<listen>{};
}

}  // namespace tickcast::actors
