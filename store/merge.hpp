#pragma once
#include <span>
#include <vector>

#include "protocol/market.hpp"

namespace tickcast::store {

/// Of `brought`, what is not among `present`: a trade with an id is there when one of the same time and id
/// is; any other row as often as `present` has its equal. Of trades with one id and time in `brought` the
/// first counts. Both ascending in time; so is the result, in the order of `brought`.
std::vector<protocol::trade> what_is_new(std::span<const protocol::trade> brought,
                                         std::span<const protocol::trade> present);
std::vector<protocol::quote> what_is_new(std::span<const protocol::quote> brought,
                                         std::span<const protocol::quote> present);

}  // namespace tickcast::store
