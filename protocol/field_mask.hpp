#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/frame.hpp"

namespace tickcast::protocol {

/// The only fields of a topic's data that somebody is shown. Immutable.
class field_mask {
public:
  explicit field_mask(std::vector<std::string> fields);

  bool shows(std::string_view field) const noexcept;

  friend bool operator==(const field_mask&, const field_mask&) = default;

private:
  std::vector<std::string> fields_;  ///< ascending, each once
};

// What is left of a whole frame of ours behind a mask. Kept fields keep their bytes, numbers every digit.
// Data that is no map has no fields to name: it becomes null.

/// Of an update: the fields of `data`.
frame_ptr mask_update(encoding as, const frame& whole, const field_mask& by);
/// Of a snapshot: the fields of `data`, of each row (`trades`, `bars`, `points`) and of `last`; `feed` stays.
frame_ptr mask_snapshot(encoding as, const frame& whole, const field_mask& by);
/// Of the reply to a history command: the fields of each row, of events those of `data`.
frame_ptr mask_history(encoding as, const frame& whole, const field_mask& by);
/// Of a payload that is a map: the fields of each row of `rows`, an array in it.
std::string mask_rows(encoding as, std::string_view payload, std::string_view rows, const field_mask& by);
/// Of a payload that is a map: what of `columns`, fields of it, is not shown is left out.
std::string mask_columns(encoding as, std::string_view payload, std::span<const std::string_view> columns,
                         const field_mask& by);

}  // namespace tickcast::protocol
