// Ties the members of a plain struct (a model) to attributes, so that each is
// named once: schema, documentation, decoding and encoding follow from Bind().
//
// A model is a struct of Attr<T> members (string, bool, int64_t, list and map
// of strings, other models) and cty::Value members (any-typed attributes), with
// a `static const Bindings<Model>& Fields()`.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "provider/cty/value.h"
#include "provider/tf/attr.h"
#include "provider/tf/schema.h"

namespace tf {

template <typename M>
struct Binding {
  Attribute attribute;
  bool is_block = false;
  std::function<void(const cty::Value&, M&)> decode;
  std::function<cty::Value(const M&)> encode;
};

template <typename M>
using Bindings = std::vector<Binding<M>>;

// How a known value of T reads and is written. A collection that holds an
// unknown reads as unknown, so T never has holes.
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
};

template <typename T>
struct Codec<std::vector<T>> {
  static cty::Type type() { return cty::Type::List(Codec<T>::type()); }
  static std::vector<T> Decode(const cty::Value& v) {
    std::vector<T> out;
    for (const cty::Value& element : v.elements()) {
      out.push_back(element.IsKnown() ? Codec<T>::Decode(element) : T());
    }
    return out;
  }
  static cty::Value Encode(const std::vector<T>& v) {
    std::vector<cty::Value> out;
    for (const T& element : v) out.push_back(Codec<T>::Encode(element));
    return cty::Value::List(Codec<T>::type(), std::move(out));
  }
};

template <typename T>
struct Codec<std::map<std::string, T>> {
  static cty::Type type() { return cty::Type::Map(Codec<T>::type()); }
  static std::map<std::string, T> Decode(const cty::Value& v) {
    std::map<std::string, T> out;
    for (const auto& [key, element] : v.fields()) {
      out[key] = element.IsKnown() ? Codec<T>::Decode(element) : T();
    }
    return out;
  }
  static cty::Value Encode(const std::map<std::string, T>& v) {
    std::map<std::string, cty::Value> out;
    for (const auto& [key, element] : v) out[key] = Codec<T>::Encode(element);
    return cty::Value::Map(Codec<T>::type(), std::move(out));
  }
};

template <typename M>
concept Model = requires {
  M::Fields();
};

template <Model M>
std::vector<Attribute> AttributesOf() {
  std::vector<Attribute> out;
  for (const Binding<M>& binding : M::Fields()) {
    out.push_back(binding.attribute);
  }
  return out;
}

template <Model M>
struct Codec<M> {
  static cty::Type type() { return ObjectType(AttributesOf<M>()); }
  static M Decode(const cty::Value& v) {
    M out;
    for (const Binding<M>& binding : M::Fields()) {
      binding.decode(v.At(binding.attribute.name), out);
    }
    return out;
  }
  static cty::Value Encode(const M& v) {
    std::map<std::string, cty::Value> out;
    for (const Binding<M>& binding : M::Fields()) {
      out[binding.attribute.name] = binding.encode(v);
    }
    return cty::Value::ObjectOf(type(), std::move(out));
  }
};

// The attribute `name` kept in `member`. Models become nested attributes.
template <typename M, typename T>
Binding<M> Bind(absl::string_view name, Attr<T> M::*member,
                AttributeSpec spec) {
  Binding<M> binding;
  binding.attribute = {std::string(name), Codec<T>::type(), nullptr,
                       std::move(spec)};
  if constexpr (Model<T>) {
    binding.attribute.nested = std::make_shared<const NestedObject>(
        NestedObject{Nesting::kSingle, AttributesOf<T>()});
  }
  binding.decode = [member](const cty::Value& value, M& model) {
    const bool holes = !Model<T> && !value.IsNull() && !value.IsWhollyKnown();
    if (value.IsUnknown() || holes) {
      model.*member = Attr<T>::Unknown();
    } else if (value.IsNull()) {
      model.*member = Attr<T>();
    } else {
      model.*member = Codec<T>::Decode(value);
    }
  };
  binding.encode = [member](const M& model) {
    const Attr<T>& attr = model.*member;
    if (attr.IsUnknown()) return cty::Value::Unknown(Codec<T>::type());
    if (attr.IsNull()) return cty::Value::Null(Codec<T>::type());
    return Codec<T>::Encode(attr.value());
  };
  return binding;
}

// An attribute whose value the resource reads itself: any-typed ones, and those
// that are planned with unknown elements.
template <typename M>
Binding<M> Bind(absl::string_view name, cty::Value M::*member, cty::Type type,
                AttributeSpec spec) {
  Binding<M> binding;
  binding.attribute = {std::string(name), type, nullptr, std::move(spec)};
  binding.decode = [member](const cty::Value& value, M& model) {
    model.*member = value;
  };
  binding.encode = [member, type](const M& model) {
    const cty::Value& value = model.*member;
    // A default-constructed member is an untyped null.
    if (value.IsNull()) return cty::Value::Null(type);
    return value;
  };
  return binding;
}

// A block of single nesting.
template <typename M, Model T>
Binding<M> BindBlock(absl::string_view name, Attr<T> M::*member,
                     absl::string_view doc) {
  Binding<M> binding = Bind(name, member, {.doc = std::string(doc)});
  binding.is_block = true;
  return binding;
}

template <Model M>
Schema SchemaOf(int version, absl::string_view doc) {
  Schema schema{version, std::string(doc), {}, {}};
  for (const Binding<M>& binding : M::Fields()) {
    if (binding.is_block) {
      schema.blocks.push_back({binding.attribute.name,
                               binding.attribute.nested->attributes,
                               binding.attribute.spec.doc});
    } else {
      schema.attributes.push_back(binding.attribute);
    }
  }
  return schema;
}

// `base` with those attributes replaced whose encoding differs between `before`
// and `after`. What a handler did not touch stays as it came, with unknowns
// inside collections and all.
template <Model M>
cty::Value Overlay(const cty::Value& base, const M& before, const M& after) {
  std::map<std::string, cty::Value> out = base.fields();
  for (const Binding<M>& binding : M::Fields()) {
    cty::Value now = binding.encode(after);
    if (!(binding.encode(before) == now)) {
      out[binding.attribute.name] = std::move(now);
    }
  }
  return cty::Value::ObjectOf(base.type(), std::move(out));
}

}  // namespace tf
