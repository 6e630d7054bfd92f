// Values to MessagePack.
#include <cstring>
#include <limits>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "provider/cty/codec.h"
#include "provider/cty/encode.h"
#include "provider/cty/trail.h"

namespace cty {
namespace {

class Encoder {
 public:
  absl::Status Write(const Value& value, const Type& wanted,
                     const Trail& trail);
  std::string TakeBytes() { return std::move(out_); }

 private:
  void Byte(unsigned code) { out_ += static_cast<char>(code); }
  void BigEndian(uint64_t value, size_t width);
  // A length in the smallest form: in `code` itself below `fixed_limit`, else
  // after one of the consecutive codes from `wide`, the first of which has
  // `width` bytes.
  void Length(unsigned code, uint64_t fixed_limit, unsigned wide, size_t width,
              uint64_t length);
  void Integer(int64_t value);
  void Real(double value);
  absl::Status Text(absl::string_view text, const Trail& trail);
  void WriteNumber(const Number& number);
  absl::Status WriteDynamic(const Value& value, const Trail& trail);
  absl::Status WriteElements(const Value& value, const Type& wanted,
                             const Trail& trail);
  absl::Status WriteEntries(const Value& value, const Type& wanted,
                            const Trail& trail);
  absl::Status WriteAttributes(const Value& value, const Type& wanted,
                               const Trail& trail);

  std::string out_;
};

void Encoder::BigEndian(uint64_t value, size_t width) {
  for (size_t i = width; i > 0; --i) Byte(value >> (8 * (i - 1)) & 0xff);
}

void Encoder::Length(unsigned code, uint64_t fixed_limit, unsigned wide,
                     size_t width, uint64_t length) {
  if (length < fixed_limit) return Byte(code | static_cast<unsigned>(length));
  while (width < 4 && length >> (8 * width) != 0) {
    width *= 2;
    ++wide;
  }
  Byte(wide);
  BigEndian(length, width);
}

void Encoder::Integer(int64_t value) {
  const auto bits = static_cast<uint64_t>(value);
  if (value >= -32 && value < 128) return BigEndian(bits, 1);
  // A negative number needs one bit more, for its sign.
  const uint64_t magnitude = value < 0 ? ~bits << 1 : bits;
  size_t width = 1;
  unsigned code = value < 0 ? 0xd0 : 0xcc;
  while (width < 8 && magnitude >> (8 * width) != 0) {
    width *= 2;
    ++code;
  }
  Byte(code);
  BigEndian(bits, width);
}

void Encoder::Real(double value) {
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  Byte(0xcb);
  BigEndian(bits, sizeof(bits));
}

absl::Status Encoder::Text(absl::string_view text, const Trail& trail) {
  if (text.size() > std::numeric_limits<uint32_t>::max()) {
    return trail.Invalid("the text is too long");
  }
  Length(0xa0, 32, 0xd9, 1, text.size());
  absl::StrAppend(&out_, text);
  return absl::OkStatus();
}

void Encoder::WriteNumber(const Number& number) {
  if (const std::optional<int64_t> integer = number.AsInt64()) {
    Integer(*integer);
  } else if (!number.IsInteger() && number.IsExactDouble()) {
    Real(number.AsDouble());
  } else {
    Length(0xa0, 32, 0xd9, 1, number.text().size());
    out_ += number.text();
  }
}

absl::Status Encoder::WriteDynamic(const Value& value, const Trail& trail) {
  const std::string type = value.type().ToJson();
  Byte(0x92);
  Length(0, 0, 0xc4, 1, type.size());
  out_ += type;
  return Write(value, value.type(), trail.Inside());
}

absl::Status Encoder::WriteElements(const Value& value, const Type& wanted,
                                    const Trail& trail) {
  const bool tuple = wanted.kind() == Type::Kind::kTuple;
  const bool set = wanted.kind() == Type::Kind::kSet;
  Length(0x90, 16, 0xdc, 2, value.elements().size());
  size_t index = 0;
  for (const Value& element : value.elements()) {
    const Trail here = set ? trail.Inside() : trail.Index(index);
    RETURN_IF_ERROR(Write(
        element, tuple ? wanted.elements()[index] : wanted.element(), here));
    ++index;
  }
  return absl::OkStatus();
}

absl::Status Encoder::WriteEntries(const Value& value, const Type& wanted,
                                   const Trail& trail) {
  Length(0x80, 16, 0xde, 2, value.fields().size());
  for (const auto& [key, entry] : value.fields()) {
    const Trail here = trail.Key(key);
    RETURN_IF_ERROR(Text(key, here));
    RETURN_IF_ERROR(Write(entry, wanted.element(), here));
  }
  return absl::OkStatus();
}

absl::Status Encoder::WriteAttributes(const Value& value, const Type& wanted,
                                      const Trail& trail) {
  Length(0x80, 16, 0xde, 2, wanted.attributes().size());
  auto field = value.fields().begin();
  for (const auto& [name, slot] : wanted.attributes()) {
    const Trail here = trail.Attribute(name);
    if (field == value.fields().end() || field->first != name) {
      return here.Invalid("the object has other attributes than its type");
    }
    RETURN_IF_ERROR(Text(name, here));
    RETURN_IF_ERROR(Write(field->second, slot, here));
    ++field;
  }
  if (field == value.fields().end()) return absl::OkStatus();
  return trail.Attribute(field->first)
      .Invalid("the type has no such attribute");
}

absl::Status Encoder::Write(const Value& value, const Type& wanted,
                            const Trail& trail) {
  if (wanted.IsDynamic() && !value.type().IsDynamic()) {
    return WriteDynamic(value, trail);
  }
  RETURN_IF_ERROR(CheckSlot(value, wanted, trail));
  if (value.IsUnknown()) {
    out_.append("\xd4\0\0", 3);
    return absl::OkStatus();
  }
  if (value.IsNull()) {
    Byte(0xc0);
    return absl::OkStatus();
  }
  switch (wanted.kind()) {
    case Type::Kind::kDynamic:
      break;
    case Type::Kind::kString:
      return Text(value.AsString(), trail);
    case Type::Kind::kNumber:
      WriteNumber(value.AsNumber());
      break;
    case Type::Kind::kBool:
      Byte(value.AsBool() ? 0xc3 : 0xc2);
      break;
    case Type::Kind::kList:
    case Type::Kind::kSet:
    case Type::Kind::kTuple:
      return WriteElements(value, wanted, trail);
    case Type::Kind::kMap:
      return WriteEntries(value, wanted, trail);
    case Type::Kind::kObject:
      return WriteAttributes(value, wanted, trail);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> EncodeMsgpack(const Value& value,
                                          const Type& wanted) {
  Encoder encoder;
  RETURN_IF_ERROR(encoder.Write(value, wanted, Trail()));
  return encoder.TakeBytes();
}

}  // namespace cty
