#include "tickcast/plugin.hpp"

namespace {

class nothing final : public tickcast::plugins::plugin {};

}  // namespace

extern "C" {
TICKCAST_EXPORT extern const tickcast_plugin_abi_record tickcast_plugin_abi;
/// As if built by another compiler, for another build type.
const tickcast_plugin_abi_record tickcast_plugin_abi = {
    "tickcast plugin",       sizeof(tickcast_plugin_abi_record),
    TICKCAST_PLUGIN_API,     "gcc 4.8",
    TICKCAST_ABI_LIBRARY,    "debug+address",
    TICKCAST_PLUGIN_HEADERS, "",
};
TICKCAST_EXPORT extern const tickcast::plugins::plugin_entry tickcast_plugin_entry;
const tickcast::plugins::plugin_entry tickcast_plugin_entry =
    tickcast::plugins::detail::entry<nothing>("doctored", "1");
}
