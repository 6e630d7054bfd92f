#include "provider/cty/msgpack_reader.h"

#include <cstring>

namespace cty {
namespace {

using Kind = MsgpackToken::Kind;

MsgpackToken IntToken(int64_t value) {
  if (value < 0) return {.kind = Kind::kInt, .integer = value};
  return {.kind = Kind::kUint, .natural = static_cast<uint64_t>(value)};
}

}  // namespace

std::optional<uint64_t> MsgpackReader::BigEndian(size_t width) {
  if (left_.size() < width) return std::nullopt;
  uint64_t value = 0;
  for (size_t i = 0; i < width; ++i) {
    value = value << 8 | static_cast<uint8_t>(left_[i]);
  }
  left_.remove_prefix(width);
  return value;
}

std::optional<MsgpackToken> MsgpackReader::Text(std::optional<uint64_t> size) {
  if (!size.has_value() || *size > left_.size()) return std::nullopt;
  MsgpackToken token{.kind = Kind::kText,
                     .text = left_.substr(0, static_cast<size_t>(*size))};
  left_.remove_prefix(static_cast<size_t>(*size));
  return token;
}

std::optional<MsgpackToken> MsgpackReader::Extension(
    std::optional<uint64_t> size) {
  // The type byte comes after the length and is not counted by it.
  if (!size.has_value() || !BigEndian(1).has_value()) return std::nullopt;
  std::optional<MsgpackToken> token = Text(size);
  if (token.has_value()) token->kind = Kind::kExtension;
  return token;
}

std::optional<MsgpackToken> MsgpackReader::Items(
    Kind kind, std::optional<uint64_t> count) {
  // Each item takes a byte at least.
  const size_t least = kind == Kind::kMap ? 2 : 1;
  if (!count.has_value() || *count > left_.size() / least) return std::nullopt;
  return MsgpackToken{.kind = kind, .count = static_cast<size_t>(*count)};
}

std::optional<MsgpackToken> MsgpackReader::Real(size_t width) {
  const std::optional<uint64_t> bits = BigEndian(width);
  if (!bits.has_value()) return std::nullopt;
  MsgpackToken token{.kind = Kind::kFloat};
  if (width == sizeof(float)) {
    const auto narrow = static_cast<uint32_t>(*bits);
    float value = 0;
    std::memcpy(&value, &narrow, sizeof(value));
    token.real = value;
  } else {
    std::memcpy(&token.real, &*bits, sizeof(token.real));
  }
  return token;
}

std::optional<MsgpackToken> MsgpackReader::Signed(size_t width) {
  const std::optional<uint64_t> bits = BigEndian(width);
  if (!bits.has_value()) return std::nullopt;
  // Shifting up and back again extends the sign.
  const size_t shift = (64 - 8 * width) % 64;
  return IntToken(static_cast<int64_t>(*bits << shift) >> shift);
}

std::optional<MsgpackToken> MsgpackReader::Unsigned(size_t width) {
  const std::optional<uint64_t> value = BigEndian(width);
  if (!value.has_value()) return std::nullopt;
  return MsgpackToken{.kind = Kind::kUint, .natural = *value};
}

// Codes 0xc0 to 0xdf; families whose width is a power of two are told apart by
// the low bits.
std::optional<MsgpackToken> MsgpackReader::Wide(uint8_t code) {
  const auto width = [code](uint8_t first) {
    return size_t{1} << static_cast<unsigned>(code - first);
  };
  if (code == 0xc0) return MsgpackToken{.kind = Kind::kNull};
  if (code == 0xc1) return std::nullopt;
  if (code <= 0xc3) {
    return MsgpackToken{.kind = Kind::kBool, .truth = code == 0xc3};
  }
  if (code <= 0xc6) return Text(BigEndian(width(0xc4)));
  if (code <= 0xc9) return Extension(BigEndian(width(0xc7)));
  if (code <= 0xcb) return Real(code == 0xca ? 4 : 8);
  if (code <= 0xcf) return Unsigned(width(0xcc));
  if (code <= 0xd3) return Signed(width(0xd0));
  if (code <= 0xd8) return Extension(width(0xd4));
  if (code <= 0xdb) return Text(BigEndian(width(0xd9)));
  if (code <= 0xdd) return Items(Kind::kArray, BigEndian(width(0xdc) * 2));
  return Items(Kind::kMap, BigEndian(width(0xde) * 2));
}

std::optional<MsgpackToken> MsgpackReader::Next() {
  const std::optional<uint64_t> first = BigEndian(1);
  if (!first.has_value()) return std::nullopt;
  const auto code = static_cast<uint8_t>(*first);
  if (code < 0x80) return IntToken(code);
  if (code < 0x90) return Items(Kind::kMap, code & 0x0f);
  if (code < 0xa0) return Items(Kind::kArray, code & 0x0f);
  if (code < 0xc0) return Text(code & 0x1f);
  if (code < 0xe0) return Wide(code);
  return IntToken(static_cast<int8_t>(code));
}

}  // namespace cty
