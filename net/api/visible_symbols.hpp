#pragma once
#include <string_view>

#include "access/rules.hpp"
#include "actors/topics/engine.hpp"

namespace tickcast::net::api {

/// Whether lists of symbols show this one to `who`: something of it (trades, quotes, bars of an interval that
/// is formed here) is granted in some form. Null: nobody asks who that is, all are shown. Any thread.
bool is_visible(const actors::engine& parts, const access::standing* who, std::string_view symbol);

}  // namespace tickcast::net::api
