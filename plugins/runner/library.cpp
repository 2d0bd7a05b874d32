#include "plugins/runner/library.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <system_error>

namespace tickcast::plugins {
namespace {

template <std::size_t Size>
std::string_view text(const char (&field)[Size]) {
  return {field, ::strnlen(field, Size)};
}

std::filesystem::path copy_of(const std::string& file, const std::filesystem::path& directory) {
  static std::atomic<unsigned> copies{0};
  const auto to = directory / fmt::format("{}-{}-{}", ::getpid(), ++copies,
                                          std::filesystem::path(file).filename().string());
  std::error_code failure;
  if (!std::filesystem::is_regular_file(file, failure))
    throw unfit(
        fmt::format("there is no library {}; set the plugin's key library to the file that was built", file));
  std::filesystem::create_directories(directory, failure);
  if (!failure) std::filesystem::copy_file(file, to, failure);
  if (failure)
    throw unfit(fmt::format("{} cannot be copied to {}: {}", file, to.string(), failure.message()));
  return to;
}

void* map(const std::string& file, const std::filesystem::path& directory) {
  const auto copy = copy_of(file, directory);
  auto* const handle = ::dlopen(copy.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  const auto* const failure = handle ? nullptr : ::dlerror();
  std::error_code ignored;
  std::filesystem::remove(copy, ignored);  // what is mapped stays
  if (!handle)
    throw unfit(fmt::format("{} cannot be loaded: {}", file, failure ? failure : "no reason given"));
  return handle;
}

void check(const std::string& file, const tickcast_plugin_abi_record* record) {
  if (!record || text(record->magic) != "tickcast plugin")
    throw unfit(fmt::format("{} is no plugin: end one of its source files with TICKCAST_PLUGIN(…)", file));
  const auto faults = differences(*record, own_record());
  if (!faults.empty())
    throw unfit(
        fmt::format("{} does not fit this engine: {}; build it anew against this version's headers, "
                    "with the same compiler and build type",
                    file, fmt::join(faults, "; ")));
}

}  // namespace

const tickcast_plugin_abi_record& own_record() {
  static const tickcast_plugin_abi_record record = TICKCAST_ABI_RECORD(TICKCAST_CAF_VERSION);
  return record;
}

std::vector<std::string> differences(const tickcast_plugin_abi_record& theirs,
                                     const tickcast_plugin_abi_record& ours) {
  std::vector<std::string> result;
  if (theirs.size != ours.size || theirs.api != ours.api) {
    // Nothing behind these two can be read.
    result.push_back(fmt::format("its plugin API is {} (record of {} bytes), the engine's is {} ({} bytes)",
                                 theirs.api, theirs.size, ours.api, ours.size));
    return result;
  }
  const auto compare = [&](std::string_view what, std::string_view its, std::string_view own) {
    if (its != own) result.push_back(fmt::format("its {} is {}, the engine's is {}", what, its, own));
  };
  compare("compiler", text(theirs.compiler), text(ours.compiler));
  compare("C++ library", text(theirs.standard_library), text(ours.standard_library));
  compare("build type", text(theirs.build), text(ours.build));
  compare("headers' hash", text(theirs.headers), text(ours.headers));
  if (!text(theirs.caf).empty()) compare("CAF version", text(theirs.caf), text(ours.caf));
  return result;
}

library::library(const std::string& file, const std::filesystem::path& directory) : file_(file) {
  auto* const handle = map(file, directory);
  check(file, static_cast<const tickcast_plugin_abi_record*>(::dlsym(handle, "tickcast_plugin_abi")));
  entry_ = static_cast<const plugin_entry*>(::dlsym(handle, "tickcast_plugin_entry"));
  if (!entry_)
    throw unfit(fmt::format("{} has no tickcast_plugin_entry: it was not made by TICKCAST_PLUGIN", file));
}

library::plugin_ptr library::make(const parameters& given) const {
  if (const auto faults = entry_->check(given); !faults.empty())
    throw unfit(fmt::format("{} does not take these parameters: {}", entry_->name, fmt::join(faults, "; ")));
  std::string error;
  plugin_ptr made(entry_->make(error), {entry_->destroy});
  if (!made) throw std::runtime_error(fmt::format("its constructor failed: {}", error));
  return made;
}

}  // namespace tickcast::plugins
