#include "base/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace base {
namespace {

constexpr int kGzipOnly = 16 + MAX_WBITS;

}  // namespace

absl::StatusOr<std::string> Gunzip(absl::string_view compressed,
                                   size_t max_bytes) {
  z_stream stream = {};
  if (::inflateInit2(&stream, kGzipOnly) != Z_OK) {
    return absl::ResourceExhaustedError("no memory to decompress");
  }
  const auto end = absl::MakeCleanup([&stream] { ::inflateEnd(&stream); });
  // zlib takes a pointer to non-const and only reads.
  stream.next_in =
      reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));  // NOLINT
  stream.avail_in = static_cast<uInt>(compressed.size());
  std::string out;
  std::array<char, 16384> buffer;
  for (;;) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = buffer.size();
    const int result = ::inflate(&stream, Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END) {
      return absl::InvalidArgumentError("is not gzip, or is damaged");
    }
    out.append(buffer.data(), buffer.size() - stream.avail_out);
    if (out.size() > max_bytes) {
      return absl::ResourceExhaustedError(
          absl::StrCat("has more than ", max_bytes, " bytes when unpacked"));
    }
    if (result == Z_STREAM_END) return out;
  }
}

}  // namespace base
