// How C++ types are attributes: their Terraform type, how a known value reads
// and is written, and what is wrong with one that the C++ type cannot hold.
//
// Plain: std::string, bool, int64_t, enumerations with EnumNames, and lists
// (std::vector) and maps (std::map by std::string) of these. Elements of
// std::optional<T> may be null; all others may not.
// Nested: models (structs with Fields(), see binding.h), and lists and maps of
// models.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "provider/cty/path.h"
#include "provider/cty/value.h"
#include "provider/tf/attr.h"
#include "provider/tf/schema.h"
#include "provider/tf/validators.h"

namespace tf {

// ---- Enumerations ----

// Specialise it beside an enum, with the name of each value:
//   template <>
//   struct tf::EnumNames<Color> {
//     static constexpr std::pair<Color, absl::string_view> kNames[] = {
//         {Color::kRed, "red"}, {Color::kBlue, "blue"}};
//   };
template <typename E>
struct EnumNames;

template <typename E>
concept Enumeration = std::is_enum_v<E> && requires {
  EnumNames<E>::kNames;
};

// "" for a value without a name.
template <Enumeration E>
absl::string_view NameOf(E value) {
  for (const auto& [each, name] : EnumNames<E>::kNames) {
    if (each == value) return name;
  }
  return "";
}

template <Enumeration E>
std::optional<E> EnumOf(absl::string_view name) {
  for (const auto& [value, each] : EnumNames<E>::kNames) {
    if (each == name) return value;
  }
  return std::nullopt;
}

template <Enumeration E>
std::vector<std::string> NamesOf() {
  std::vector<std::string> out;
  for (const auto& each : EnumNames<E>::kNames) out.emplace_back(each.second);
  return out;
}

// ---- What may be an attribute ----

template <typename M>
concept Model = requires {
  M::Fields();
};

template <typename T>
inline constexpr bool kPlainElement = Enumeration<T>;
template <>
inline constexpr bool kPlainElement<std::string> = true;
template <>
inline constexpr bool kPlainElement<bool> = true;
template <>
inline constexpr bool kPlainElement<int64_t> = true;
template <typename T>
inline constexpr bool kPlainElement<std::optional<T>> = kPlainElement<T>;
template <typename T>
inline constexpr bool kPlainElement<std::vector<T>> = kPlainElement<T>;
template <typename T>
inline constexpr bool kPlainElement<std::map<std::string, T>> =
    kPlainElement<T>;

template <typename T>
inline constexpr bool kOptionalElement = false;
template <typename T>
inline constexpr bool kOptionalElement<std::optional<T>> = true;

// A value without attributes of its own.
template <typename T>
concept Plain = kPlainElement<T> && !kOptionalElement<T>;

// The nesting of T, if it is a model or a list or map of models. Models at any
// other place (a list in a list) would lose their schema: no such attribute.
template <typename T>
struct NestingOf {};
template <Model M>
struct NestingOf<M> {
  using Object = M;
  static constexpr Nesting kNesting = Nesting::kSingle;
};
template <Model M>
struct NestingOf<std::vector<M>> {
  using Object = M;
  static constexpr Nesting kNesting = Nesting::kList;
};
template <Model M>
struct NestingOf<std::map<std::string, M>> {
  using Object = M;
  static constexpr Nesting kNesting = Nesting::kMap;
};

template <typename T>
concept Nested = requires {
  typename NestingOf<T>::Object;
};

// ---- Codecs ----

// Codec<T>: type(), Decode(known value) -> T, Encode(T) -> value. Nulls and
// unknowns are Attr's business. Where T cannot hold every value of its type,
// Check(known value, path, diagnostics) says which ones.
template <typename T>
struct Codec;

template <>
struct Codec<std::string> {
  static cty::Type type() { return cty::Type::String(); }
  static std::string Decode(const cty::Value& v) { return v.AsString(); }
  static cty::Value Encode(const std::string& v) {
    return cty::Value::String(v);
  }
};

template <>
struct Codec<bool> {
  static cty::Type type() { return cty::Type::Bool(); }
  static bool Decode(const cty::Value& v) { return v.AsBool(); }
  static cty::Value Encode(bool v) { return cty::Value::Bool(v); }
};

template <>
struct Codec<int64_t> {
  static cty::Type type() { return cty::Type::Number(); }
  static int64_t Decode(const cty::Value& v) {
    return v.AsNumber().AsInt64().value_or(0);
  }
  static cty::Value Encode(int64_t v) { return cty::Value::Int(v); }
  // Fractions, and numbers outside of 64 bits.
  static void Check(const cty::Value& v, const cty::Path& path,
                    Diagnostics& diags);
};

// Names that are not in the table are refused by Check(); in state, where a
// later version of the provider may have left one, they read as the first.
template <Enumeration E>
struct Codec<E> {
  static cty::Type type() { return cty::Type::String(); }
  static E Decode(const cty::Value& v) {
    return EnumOf<E>(v.AsString()).value_or(EnumNames<E>::kNames[0].first);
  }
  static cty::Value Encode(E v) {
    return cty::Value::String(std::string(NameOf(v)));
  }
  static void Check(const cty::Value& v, const cty::Path& path,
                    Diagnostics& diags) {
    OneOf(NamesOf<E>())(v, path, diags);
  }
};

template <typename T>
struct Codec<std::optional<T>> {
  static cty::Type type() { return Codec<T>::type(); }
  static std::optional<T> Decode(const cty::Value& v) {
    return Codec<T>::Decode(v);
  }
  static cty::Value Encode(const std::optional<T>& v) {
    return v.has_value() ? Codec<T>::Encode(*v) : cty::Value::Null(type());
  }
  static void Check(const cty::Value& v, const cty::Path& path,
                    Diagnostics& diags) {
    if constexpr (requires { &Codec<T>::Check; }) {
      Codec<T>::Check(v, path, diags);
    }
  }
};

// One element of a collection. Plain ones are known here (Attr sees to it), and
// a null among them, which only state can hold, reads as an empty one. Models
// keep their unknowns to themselves.
template <typename T>
T DecodeElement(const cty::Value& v) {
  if (v.IsKnown()) return Codec<T>::Decode(v);
  if constexpr (Model<T>) {
    if (v.IsUnknown()) return Codec<T>::DecodeUnknown();
  }
  return T();
}

// What is wrong with one element of a plain collection.
template <typename T>
void CheckElement(const cty::Value& v, const cty::Path& path,
                  Diagnostics& diags) {
  if (v.IsNull()) {
    if (!kOptionalElement<T>) AddNullElement(path, diags);
  } else if constexpr (requires { &Codec<T>::Check; }) {
    if (v.IsKnown()) Codec<T>::Check(v, path, diags);
  }
}

template <typename T>
struct Codec<std::vector<T>> {
  static cty::Type type() { return cty::Type::List(Codec<T>::type()); }
  static std::vector<T> Decode(const cty::Value& v) {
    std::vector<T> out;
    for (const cty::Value& element : v.elements()) {
      out.push_back(DecodeElement<T>(element));
    }
    return out;
  }
  static cty::Value Encode(const std::vector<T>& v) {
    std::vector<cty::Value> out;
    for (const T& element : v) out.push_back(Codec<T>::Encode(element));
    return cty::Value::List(Codec<T>::type(), std::move(out));
  }
  static void Check(const cty::Value& v, const cty::Path& path,
                    Diagnostics& diags) requires kPlainElement<T> {
    for (size_t i = 0; i < v.elements().size(); ++i) {
      CheckElement<T>(v.elements()[i], path.Index(static_cast<int64_t>(i)),
                      diags);
    }
  }
};

template <typename T>
struct Codec<std::map<std::string, T>> {
  static cty::Type type() { return cty::Type::Map(Codec<T>::type()); }
  static std::map<std::string, T> Decode(const cty::Value& v) {
    std::map<std::string, T> out;
    for (const auto& [key, element] : v.fields()) {
      out[key] = DecodeElement<T>(element);
    }
    return out;
  }
  static cty::Value Encode(const std::map<std::string, T>& v) {
    std::map<std::string, cty::Value> out;
    for (const auto& [key, element] : v) out[key] = Codec<T>::Encode(element);
    return cty::Value::Map(Codec<T>::type(), std::move(out));
  }
  static void Check(const cty::Value& v, const cty::Path& path,
                    Diagnostics& diags) requires kPlainElement<T> {
    for (const auto& [key, element] : v.fields()) {
      CheckElement<T>(element, path.Key(key), diags);
    }
  }
};

}  // namespace tf
