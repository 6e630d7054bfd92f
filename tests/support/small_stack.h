// Runs code with less stack than any thread of the provider has: what recurses
// over foreign bytes ends the process there.
#pragma once

#include <pthread.h>

#include <cstddef>
#include <functional>
#include <string>

namespace support {

inline constexpr size_t kSmallStack = size_t{256} << 10;
// What a parser must refuse there.
inline constexpr int kFarTooDeep = 50000;

// Calls `work` on a thread with a stack of so many bytes. False if there was no
// such thread.
inline bool OnSmallStack(const std::function<void()>& work,
                         size_t bytes = kSmallStack) {
  pthread_attr_t attributes;
  if (::pthread_attr_init(&attributes) != 0) return false;
  pthread_t thread;
  const bool started =
      ::pthread_attr_setstacksize(&attributes, bytes) == 0 &&
      ::pthread_create(
          &thread, &attributes,
          [](void* argument) -> void* {
            (*static_cast<const std::function<void()>*>(argument))();
            return nullptr;
          },
          const_cast<std::function<void()>*>(&work)) == 0;  // NOLINT
  ::pthread_attr_destroy(&attributes);
  return started && ::pthread_join(thread, nullptr) == 0;
}

// `text` as often as that.
inline std::string Times(int count, const std::string& text) {
  std::string out;
  out.reserve(text.size() * static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

// Lists in lists, and maps in maps, as JSON.
inline std::string DeepLists(int depth) {
  return Times(depth, "[") + Times(depth, "]");
}
inline std::string DeepMaps(int depth) {
  return Times(depth, "{\"a\":") + "1" + Times(depth, "}");
}

}  // namespace support
