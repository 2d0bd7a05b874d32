#pragma once
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string_view>

#include "protocol/error.hpp"

namespace tickcast::access {

/// Reads what Python's pickle writes (protocols 2 to 5), data alone: None, booleans, integers, floats, text,
/// bytes, tuples, lists, sets and dictionaries. It knows no way to name or call anything (GLOBAL, REDUCE,
/// BUILD, INST, OBJ, NEWOBJ, EXT, PERSID are errors), so that nothing can be run by what it reads.
/// The opcodes: https://github.com/python/cpython/blob/3.11/Lib/pickletools.py
///
/// Tuples and sets become arrays; keys of dictionaries become text; bytes become text as they are; integers
/// beyond 64 bits are an error. Bounded in bytes, depth, values and memo, also in what shared values unfold
/// to.
struct pickle_limits {
  std::size_t bytes = 256 * 1024;
  std::size_t depth = 32;
  std::size_t values = 20'000;
};

protocol::expected<nlohmann::json> read_pickle(std::string_view bytes, const pickle_limits& limits = {});

}  // namespace tickcast::access
