// A watch's body must never crash us, and must mean the same however the
// network cuts it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "kube/watch_stream.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const auto run = [text](size_t step) {
    int events = 0;
    kube::WatchStream stream([&events](const kube::WatchEvent&) {
      ++events;
      return absl::OkStatus();
    });
    absl::Status status;
    for (size_t at = 0; at < text.size() && status.ok(); at += step) {
      status = stream.Add(text.substr(at, step));
    }
    return std::pair(events, status.ok());
  };
  if (run(1) != run(text.size() + 1)) abort();
  return 0;
}
