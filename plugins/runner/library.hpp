#pragma once
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "tickcast/plugin.hpp"

namespace tickcast::plugins {

/// A library cannot be used at all: trying it again will not help. The text says what to do.
class unfit : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// What differs between what a library was built with and what we were, a sentence each; empty: it fits.
std::vector<std::string> differences(const tickcast_plugin_abi_record& theirs,
                                     const tickcast_plugin_abi_record& ours);
/// Ours. `caf_version`: see the record.
const tickcast_plugin_abi_record& own_record();

/// A plugin's shared object, mapped for good: code, types and messages of it may be anywhere until the
/// process ends. Opened from a private copy, so that the file may be replaced while it runs and the next
/// version is another library to the loader.
class library {
public:
  /// Copies, maps and checks it. `directory`: where the copy may stand for a moment. Throws unfit. Blocks (a
  /// file is read, the library's static objects are made): not for actors.
  library(const std::string& file, const std::filesystem::path& directory);

  const plugin_entry& entry() const noexcept { return *entry_; }
  const std::string& file() const noexcept { return file_; }
  std::string version() const { return entry_->version; }

  struct destroyer {
    void (*destroy)(plugin*);
    void operator()(plugin* made) const { destroy(made); }
  };
  using plugin_ptr = std::unique_ptr<plugin, destroyer>;
  /// Checks the parameters and makes a plugin; throws unfit when it does not accept them, runtime_error when
  /// its constructor failed.
  plugin_ptr make(const parameters& given) const;

private:
  std::string file_;
  const plugin_entry* entry_ = nullptr;
};

}  // namespace tickcast::plugins
