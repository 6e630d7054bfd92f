// Values to JSON.
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "provider/cty/codec.h"
#include "provider/cty/encode.h"
#include "provider/cty/json_tree.h"
#include "provider/cty/trail.h"

namespace cty {
namespace {

class Encoder {
 public:
  absl::Status Write(const Value& value, const Type& wanted,
                     const Trail& trail);
  std::string TakeText() { return std::move(out_); }

 private:
  absl::Status WriteNumber(const Number& number, const Trail& trail);
  absl::Status WriteDynamic(const Value& value, const Trail& trail);
  absl::Status WriteElements(const Value& value, const Type& wanted,
                             const Trail& trail);
  absl::Status WriteEntries(const Value& value, const Type& wanted,
                            const Trail& trail);
  absl::Status WriteAttributes(const Value& value, const Type& wanted,
                               const Trail& trail);

  std::string out_;
};

absl::Status Encoder::WriteNumber(const Number& number, const Trail& trail) {
  // The decoder, like most readers of JSON, has no place for more.
  if (!std::isfinite(number.AsDouble())) {
    return trail.Invalid("the number is too large for JSON");
  }
  out_ += number.text();
  return absl::OkStatus();
}

absl::Status Encoder::WriteDynamic(const Value& value, const Trail& trail) {
  out_ += "{\"value\":";
  RETURN_IF_ERROR(Write(value, value.type(), trail.Inside()));
  absl::StrAppend(&out_, ",\"type\":", value.type().ToJson(), "}");
  return absl::OkStatus();
}

absl::Status Encoder::WriteElements(const Value& value, const Type& wanted,
                                    const Trail& trail) {
  const bool tuple = wanted.kind() == Type::Kind::kTuple;
  const bool set = wanted.kind() == Type::Kind::kSet;
  size_t index = 0;
  out_ += '[';
  for (const Value& element : value.elements()) {
    const Trail here = set ? trail.Inside() : trail.Index(index);
    if (index > 0) out_ += ',';
    RETURN_IF_ERROR(Write(
        element, tuple ? wanted.elements()[index] : wanted.element(), here));
    ++index;
  }
  out_ += ']';
  return absl::OkStatus();
}

absl::Status Encoder::WriteEntries(const Value& value, const Type& wanted,
                                   const Trail& trail) {
  const char* separator = "";
  out_ += '{';
  for (const auto& [key, entry] : value.fields()) {
    const Trail here = trail.Key(key);
    out_ += std::exchange(separator, ",");
    AppendJsonString(out_, key);
    out_ += ':';
    RETURN_IF_ERROR(Write(entry, wanted.element(), here));
  }
  out_ += '}';
  return absl::OkStatus();
}

absl::Status Encoder::WriteAttributes(const Value& value, const Type& wanted,
                                      const Trail& trail) {
  const char* separator = "";
  auto field = value.fields().begin();
  out_ += '{';
  for (const auto& [name, slot] : wanted.attributes()) {
    const Trail here = trail.Attribute(name);
    if (field == value.fields().end() || field->first != name) {
      return here.Invalid("the object has other attributes than its type");
    }
    out_ += std::exchange(separator, ",");
    AppendJsonString(out_, name);
    out_ += ':';
    RETURN_IF_ERROR(Write(field->second, slot, here));
    ++field;
  }
  out_ += '}';
  if (field == value.fields().end()) return absl::OkStatus();
  return trail.Attribute(field->first)
      .Invalid("the type has no such attribute");
}

absl::Status Encoder::Write(const Value& value, const Type& wanted,
                            const Trail& trail) {
  if (value.IsUnknown()) {
    return trail.Error(absl::StatusCode::kFailedPrecondition,
                       "the value is not known yet");
  }
  if (wanted.IsDynamic() && !value.type().IsDynamic()) {
    return WriteDynamic(value, trail);
  }
  RETURN_IF_ERROR(CheckSlot(value, wanted, trail));
  if (value.IsNull()) {
    out_ += "null";
    return absl::OkStatus();
  }
  switch (wanted.kind()) {
    case Type::Kind::kDynamic:
      break;
    case Type::Kind::kString:
      AppendJsonString(out_, value.AsString());
      return absl::OkStatus();
    case Type::Kind::kNumber:
      return WriteNumber(value.AsNumber(), trail);
    case Type::Kind::kBool:
      out_ += value.AsBool() ? "true" : "false";
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

absl::StatusOr<std::string> EncodeJson(const Value& value, const Type& wanted) {
  Encoder encoder;
  RETURN_IF_ERROR(encoder.Write(value, wanted, Trail()));
  return encoder.TakeText();
}

}  // namespace cty
