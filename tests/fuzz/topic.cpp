#include "protocol/topic.hpp"

#include <string>

#include "protocol/utf8.hpp"
#include "tests/fuzz/finding.hpp"

using namespace tickcast::protocol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text(data, size);
  const auto parsed = parse_topic(text);
  if (!parsed) {
    require(is_valid_utf8(parsed.error().message), "a refusal's sentence is not text");
    return 0;
  }
  require(parsed->whole == text && text.size() <= max_topic_bytes, "a topic is not what was read");
  require(!parsed->name.empty() && !parsed->word.empty(), "a topic has an empty part");
  std::string again(parsed->word);
  const bool of_indicator = parsed->kind == topic_kind::indicator;
  const bool has_interval = parsed->kind == topic_kind::bar || of_indicator;
  if (has_interval) again.append(".").append(parsed->interval_text);
  if (of_indicator) again.append(".").append(parsed->call);
  require(!of_indicator || !parsed->call.empty(), "an indicator has no call");
  again.append(".").append(parsed->name);
  require(again == text, "a topic's parts do not make the topic");
  if (has_interval) {
    const auto interval_again = parse_interval(parsed->interval_text);
    require(
        interval_again.has_value() && *interval_again == parsed->bar_interval && interval_again->count > 0,
        "a bar's interval is not what it says");
  }
  require(!parsed->has_symbol() || is_valid_symbol(parsed->name), "a topic has an impossible symbol");
  return 0;
}
