// MessagePack to values.
#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "provider/cty/codec.h"
#include "provider/cty/msgpack_reader.h"
#include "provider/cty/nfc.h"
#include "provider/cty/trail.h"

namespace cty {
namespace {

using Kind = MsgpackToken::Kind;

// A count is backed by as many bytes, but a Value is larger than a byte.
constexpr size_t kMaxReserve = 4096;

class Decoder {
 public:
  explicit Decoder(absl::string_view bytes) : reader_(bytes) {}

  bool AtEnd() const { return reader_.AtEnd(); }
  absl::StatusOr<Value> Read(const Type& wanted, const Trail& trail);

 private:
  absl::StatusOr<MsgpackToken> Next(const Trail& trail);
  absl::StatusOr<Value> ReadDynamic(const MsgpackToken& token,
                                    const Trail& trail);
  absl::StatusOr<Value> ReadSequence(const Type& wanted,
                                     const MsgpackToken& token,
                                     const Trail& trail);
  absl::StatusOr<Value> ReadTuple(const Type& wanted, const MsgpackToken& token,
                                  const Trail& trail);
  absl::StatusOr<Value> ReadMap(const Type& wanted, const MsgpackToken& token,
                                const Trail& trail);
  absl::StatusOr<Value> ReadObject(const Type& wanted,
                                   const MsgpackToken& token,
                                   const Trail& trail);
  absl::StatusOr<std::string> ReadKey(const Trail& trail);

  MsgpackReader reader_;
};

absl::StatusOr<MsgpackToken> Decoder::Next(const Trail& trail) {
  const std::optional<MsgpackToken> token = reader_.Next();
  if (!token.has_value()) return trail.Invalid("not valid MessagePack");
  return *token;
}

absl::StatusOr<Number> NumberFrom(const MsgpackToken& token) {
  switch (token.kind) {
    case Kind::kInt:
      return Number::FromInt(token.integer);
    case Kind::kUint:
      return Number::FromUint(token.natural);
    case Kind::kFloat:
      return Number::FromDoubleExact(token.real);
    case Kind::kText:
      return Number::Parse(token.text);
    default:
      return absl::InvalidArgumentError("another kind");
  }
}

absl::StatusOr<Value> ReadPrimitive(const Type& wanted,
                                    const MsgpackToken& token,
                                    const Trail& trail) {
  if (wanted.kind() == Type::Kind::kBool) {
    if (token.kind != Kind::kBool) return trail.Invalid("a bool is required");
    return Value::Bool(token.truth);
  }
  if (wanted.kind() == Type::Kind::kNumber) {
    absl::StatusOr<Number> number = NumberFrom(token);
    if (!number.ok()) return trail.Invalid("a number is required");
    return Value::Number(*std::move(number));
  }
  if (token.kind != Kind::kText) return trail.Invalid("a string is required");
  std::optional<std::string> text = ToNfc(token.text);
  if (!text.has_value()) return trail.Invalid("the string is not UTF-8");
  return Value::String(*std::move(text));
}

absl::StatusOr<Value> Decoder::ReadDynamic(const MsgpackToken& token,
                                           const Trail& trail) {
  if (token.kind != Kind::kArray || token.count != 2) {
    return trail.Invalid("a type and a value are required");
  }
  ASSIGN_OR_RETURN(const MsgpackToken described, Next(trail));
  if (described.kind != Kind::kText) return trail.Invalid("a type is required");
  const absl::StatusOr<Type> type = Type::FromJson(described.text);
  if (!type.ok()) {
    return trail.Error(type.status().code(), type.status().message());
  }
  // Even a null has to be written with its type again.
  if (trail.depth() + type->depth() > Type::kMaxDepth) {
    return trail.Deep();
  }
  return Read(*type, trail.Inside());
}

absl::StatusOr<Value> Decoder::ReadSequence(const Type& wanted,
                                            const MsgpackToken& token,
                                            const Trail& trail) {
  if (token.kind != Kind::kArray) return trail.Invalid("a list is required");
  const bool set = wanted.kind() == Type::Kind::kSet;
  std::vector<Value> elements;
  elements.reserve(std::min(token.count, kMaxReserve));
  for (size_t i = 0; i < token.count; ++i) {
    const Trail here = set ? trail.Inside() : trail.Index(i);
    ASSIGN_OR_RETURN(Value element, Read(wanted.element(), here));
    elements.push_back(std::move(element));
  }
  return set ? Value::Set(wanted.element(), std::move(elements))
             : Value::List(wanted.element(), std::move(elements));
}

absl::StatusOr<Value> Decoder::ReadTuple(const Type& wanted,
                                         const MsgpackToken& token,
                                         const Trail& trail) {
  if (token.kind != Kind::kArray || token.count != wanted.elements().size()) {
    return trail.Invalid("a tuple of another length is required");
  }
  std::vector<Value> elements;
  elements.reserve(token.count);
  for (const Type& type : wanted.elements()) {
    ASSIGN_OR_RETURN(Value element, Read(type, trail.Index(elements.size())));
    elements.push_back(std::move(element));
  }
  return Value::Tuple(std::move(elements));
}

absl::StatusOr<std::string> Decoder::ReadKey(const Trail& trail) {
  ASSIGN_OR_RETURN(const MsgpackToken token, Next(trail));
  if (token.kind != Kind::kText) return trail.Invalid("a name is required");
  std::optional<std::string> key = ToNfc(token.text);
  if (!key.has_value()) return trail.Invalid("a name is not UTF-8");
  return *std::move(key);
}

absl::StatusOr<Value> Decoder::ReadMap(const Type& wanted,
                                       const MsgpackToken& token,
                                       const Trail& trail) {
  if (token.kind != Kind::kMap) return trail.Invalid("a map is required");
  std::map<std::string, Value> entries;
  for (size_t i = 0; i < token.count; ++i) {
    ASSIGN_OR_RETURN(std::string key, ReadKey(trail));
    ASSIGN_OR_RETURN(Value value, Read(wanted.element(), trail.Key(key)));
    if (entries.count(key) != 0) return trail.Invalid("a key occurs twice");
    entries.emplace_hint(entries.end(), std::move(key), std::move(value));
  }
  return Value::Map(wanted.element(), std::move(entries));
}

absl::StatusOr<Value> Decoder::ReadObject(const Type& wanted,
                                          const MsgpackToken& token,
                                          const Trail& trail) {
  const std::map<std::string, Type>& slots = wanted.attributes();
  if (token.kind != Kind::kMap || token.count != slots.size()) {
    return trail.Invalid("an object with other attributes is required");
  }
  std::map<std::string, Value> attributes;
  auto expected = slots.begin();  // core writes them in this order
  for (size_t i = 0; i < token.count; ++i) {
    ASSIGN_OR_RETURN(const std::string name, ReadKey(trail));
    if (expected == slots.end() || expected->first != name) {
      expected = slots.find(name);
      if (expected == slots.end()) {
        return trail.Invalid("an attribute is not supported");
      }
    }
    ASSIGN_OR_RETURN(Value value,
                     Read(expected->second, trail.Attribute(name)));
    attributes.emplace_hint(attributes.end(), name, std::move(value));
    ++expected;
  }
  if (attributes.size() != slots.size()) {
    return trail.Invalid("an attribute occurs twice");
  }
  return Value::ObjectOf(wanted, std::move(attributes));
}

absl::StatusOr<Value> Decoder::Read(const Type& wanted, const Trail& trail) {
  if (trail.TooDeep()) return trail.Deep();
  ASSIGN_OR_RETURN(const MsgpackToken token, Next(trail));
  if (token.kind == Kind::kExtension) return Value::Unknown(wanted);
  if (token.kind == Kind::kNull) return Value::Null(wanted);
  switch (wanted.kind()) {
    case Type::Kind::kDynamic:
      return ReadDynamic(token, trail);
    case Type::Kind::kString:
    case Type::Kind::kNumber:
    case Type::Kind::kBool:
      return ReadPrimitive(wanted, token, trail);
    case Type::Kind::kList:
    case Type::Kind::kSet:
      return ReadSequence(wanted, token, trail);
    case Type::Kind::kTuple:
      return ReadTuple(wanted, token, trail);
    case Type::Kind::kMap:
      return ReadMap(wanted, token, trail);
    case Type::Kind::kObject:
      break;
  }
  return ReadObject(wanted, token, trail);
}

}  // namespace

absl::StatusOr<Value> DecodeMsgpack(absl::string_view bytes,
                                    const Type& wanted) {
  if (bytes.empty()) return Value::Null(wanted);
  Decoder decoder(bytes);
  ASSIGN_OR_RETURN(Value value, decoder.Read(wanted, Trail()));
  if (!decoder.AtEnd()) {
    return absl::InvalidArgumentError("bytes follow the value");
  }
  return value;
}

}  // namespace cty
