// How much memory code takes at its highest.
#pragma once

#include <malloc.h>

#include <cstddef>
#include <fstream>
#include <functional>
#include <optional>
#include <string>

namespace support {

// False where memory says nothing: sanitizers keep books of their own.
constexpr bool MemoryCanBeMeasured() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return false;
#else
  return true;
#endif
#else
  return true;
#endif
}

// A line of /proc/self/status, in bytes.
inline std::optional<size_t> StatusBytes(const std::string& name) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(name + ":")) {
      return std::stoul(line.substr(name.size() + 1)) * 1024;
    }
  }
  return std::nullopt;
}

// By how much the memory of this process was larger during `work` than before.
// Nullopt if the system does not tell.
inline std::optional<size_t> PeakBytes(const std::function<void()>& work) {
  ::malloc_trim(0);
  std::ofstream reset("/proc/self/clear_refs");
  reset << "5" << std::flush;  // The peak is what is used now.
  if (!reset.good()) return std::nullopt;
  const auto before = StatusBytes("VmRSS");
  work();
  const auto peak = StatusBytes("VmHWM");
  if (!before.has_value() || !peak.has_value()) return std::nullopt;
  return *peak > *before ? *peak - *before : 0;
}

}  // namespace support
