#include "protocol/field_mask.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "protocol/value_bytes.hpp"

namespace tickcast::protocol {
namespace {

constexpr std::array<std::string_view, 4> row_fields{"trades", "bars", "points", "events"};

bool has_rows(std::string_view field) noexcept {
  return std::find(row_fields.begin(), row_fields.end(), field) != row_fields.end();
}

/// Calls `write`, which appends to a buffer, with what tells JSON or MessagePack apart.
template <class Write>
void in_form(encoding as, Write&& write) {
  if (as == encoding::json)
    write(json_bytes{});
  else
    write(msgpack_bytes{});
}

/// Copies a map: `each(field)` says whether a field stays, and `write(to, field)` writes its value.
template <class Form, class Stays, class Write>
void copy_map(std::string_view map, std::string& to, Stays&& stays, Write&& write) {
  std::vector<field_bytes> kept;
  Form::each_field(map, [&](const field_bytes& field) {
    if (stays(field)) kept.push_back(field);
  });
  Form::begin_map(to, kept.size());
  for (std::size_t i = 0; i < kept.size(); ++i) {
    Form::key(to, kept[i].key, i == 0);
    write(to, kept[i]);
  }
  Form::end_map(to);
}

constexpr auto all_stay = [](const field_bytes&) { return true; };
constexpr auto as_it_is = [](std::string& to, const field_bytes& field) { to += field.value; };

template <class Form>
void mask_map(std::string_view value, std::string& to, const field_mask& by) {
  if (!Form::is_map(value)) return Form::null(to);
  copy_map<Form>(
      value, to, [&](const field_bytes& field) { return by.shows(field.name); }, as_it_is);
}

template <class Form, class Each>
void copy_array(std::string_view array, std::string& to, Each&& each) {
  if (!Form::is_array(array)) return Form::null(to);
  std::vector<std::string_view> all;
  Form::each_element(array, [&](std::string_view one) { all.push_back(one); });
  Form::begin_array(to, all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    Form::between(to, i == 0);
    each(to, all[i]);
  }
  Form::end_array(to);
}

template <class Form>
void mask_array(std::string_view rows, std::string& to, const field_mask& by) {
  copy_array<Form>(rows, to, [&](std::string& into, std::string_view row) { mask_map<Form>(row, into, by); });
}

template <class Form>
void mask_events(std::string_view events, std::string& to, const field_mask& by) {
  copy_array<Form>(events, to, [&](std::string& into, std::string_view event) {
    copy_map<Form>(event, into, all_stay, [&](std::string& out, const field_bytes& field) {
      if (field.name == "data")
        mask_map<Form>(field.value, out, by);
      else
        out += field.value;
    });
  });
}

template <class Form>
void mask_snapshot_data(std::string_view data, std::string& to, const field_mask& by) {
  copy_map<Form>(
      data, to,
      [&](const field_bytes& field) {
        return field.name == "feed" || field.name == "last" || has_rows(field.name) || by.shows(field.name);
      },
      [&](std::string& out, const field_bytes& field) {
        if (field.name == "last")
          mask_map<Form>(field.value, out, by);
        else if (has_rows(field.name) && Form::is_array(field.value))
          mask_array<Form>(field.value, out, by);
        else
          out += field.value;
      });
}

template <class Form>
void mask_history_data(std::string_view data, std::string& to, const field_mask& by) {
  copy_map<Form>(data, to, all_stay, [&](std::string& out, const field_bytes& field) {
    if (field.name == "events")
      mask_events<Form>(field.value, out, by);
    else if (has_rows(field.name))
      mask_array<Form>(field.value, out, by);
    else
      out += field.value;
  });
}

/// A frame whose `data` is written by `write(form, value, to)`, all else as it is.
template <class Write>
frame_ptr with_data(encoding as, const frame& whole, Write&& write) {
  auto buffer = begin_frame(whole.payload().size());
  in_form(as, [&](auto form) {
    using form_type = decltype(form);
    copy_map<form_type>(whole.payload(), buffer, all_stay, [&](std::string& to, const field_bytes& field) {
      if (field.name == "data")
        write(form, field.value, to);
      else
        to += field.value;
    });
  });
  return finish_frame(std::move(buffer), as);
}

}  // namespace

field_mask::field_mask(std::vector<std::string> fields) : fields_(std::move(fields)) {
  std::sort(fields_.begin(), fields_.end());
  fields_.erase(std::unique(fields_.begin(), fields_.end()), fields_.end());
}

bool field_mask::shows(std::string_view field) const noexcept {
  return std::binary_search(fields_.begin(), fields_.end(), field);
}

frame_ptr mask_update(encoding as, const frame& whole, const field_mask& by) {
  return with_data(as, whole, [&](auto form, std::string_view data, std::string& to) {
    mask_map<decltype(form)>(data, to, by);
  });
}

frame_ptr mask_snapshot(encoding as, const frame& whole, const field_mask& by) {
  return with_data(as, whole, [&](auto form, std::string_view data, std::string& to) {
    mask_snapshot_data<decltype(form)>(data, to, by);
  });
}

frame_ptr mask_history(encoding as, const frame& whole, const field_mask& by) {
  return with_data(as, whole, [&](auto form, std::string_view data, std::string& to) {
    mask_history_data<decltype(form)>(data, to, by);
  });
}

std::string mask_rows(encoding as, std::string_view payload, std::string_view rows, const field_mask& by) {
  auto result = begin_frame(payload.size());
  in_form(as, [&](auto form) {
    using form_type = decltype(form);
    copy_map<form_type>(payload, result, all_stay, [&](std::string& to, const field_bytes& field) {
      if (field.name == rows)
        mask_array<form_type>(field.value, to, by);
      else
        to += field.value;
    });
  });
  return result;
}

std::string mask_columns(encoding as, std::string_view payload, std::span<const std::string_view> columns,
                         const field_mask& by) {
  auto result = begin_frame(payload.size());
  in_form(as, [&](auto form) {
    copy_map<decltype(form)>(
        payload, result,
        [&](const field_bytes& field) {
          return std::find(columns.begin(), columns.end(), field.name) == columns.end() ||
                 by.shows(field.name);
        },
        as_it_is);
  });
  return result;
}

}  // namespace tickcast::protocol
