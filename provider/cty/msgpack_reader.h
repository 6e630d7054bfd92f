// Reads one MessagePack token after the other from untrusted bytes. Lengths
// are checked against what is left before anything is made of them.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace cty {

struct MsgpackToken {
  enum class Kind {
    kNull,
    kBool,
    kInt,   // below zero
    kUint,  // zero or more
    kFloat,
    kText,   // str or bin
    kArray,  // `count` items follow
    kMap,    // `count` keys and items follow
    kExtension,
  };

  Kind kind = Kind::kNull;
  bool truth = false;
  int64_t integer = 0;
  uint64_t natural = 0;
  double real = 0;
  absl::string_view text;
  size_t count = 0;
};

class MsgpackReader {
 public:
  explicit MsgpackReader(absl::string_view bytes) : left_(bytes) {}

  bool AtEnd() const { return left_.empty(); }
  // nullopt when the bytes end too early or are no MessagePack; the reader is
  // then of no more use.
  std::optional<MsgpackToken> Next();

 private:
  std::optional<uint64_t> BigEndian(size_t width);
  std::optional<MsgpackToken> Text(std::optional<uint64_t> size);
  std::optional<MsgpackToken> Extension(std::optional<uint64_t> size);
  std::optional<MsgpackToken> Items(MsgpackToken::Kind kind,
                                    std::optional<uint64_t> count);
  std::optional<MsgpackToken> Real(size_t width);
  std::optional<MsgpackToken> Signed(size_t width);
  std::optional<MsgpackToken> Unsigned(size_t width);
  std::optional<MsgpackToken> Wide(uint8_t code);

  absl::string_view left_;
};

}  // namespace cty
