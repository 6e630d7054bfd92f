// Ties the members of a plain struct (a model) to attributes, so that each is
// named once: schema, documentation, decoding and encoding follow from Bind().
//
// A model is a struct with a `static const Bindings<Model>& Fields()` whose
// members are
//   - Attr<T>, of the types that codec.h lists,
//   - Defaulted<T>, where the attribute has a default,
//   - cty::Value: any-typed attributes,
//   - a map of cty::Value, for attributes that come from a table.
// Parts of nested attributes are attributes like any other: documentation,
// defaults, validators and secrecy hold inside of them, and an unknown part
// leaves its siblings known.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/never_destroyed.h"
#include "provider/cty/value.h"
#include "provider/tf/attr.h"
#include "provider/tf/codec.h"
#include "provider/tf/schema.h"

namespace tf {

template <typename M>
struct Binding {
  Attribute attribute;
  bool is_block = false;
  std::function<void(const cty::Value&, M&)> decode;
  std::function<cty::Value(const M&)> encode;
  // `base` with what differs between the models; see Overlay().
  std::function<cty::Value(const cty::Value& base, const M& before,
                           const M& after)>
      overlay;
};

template <typename M>
using Bindings = std::vector<Binding<M>>;

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
  static cty::Type type() {
    static const base::NeverDestroyed<cty::Type> kType(
        ObjectType(AttributesOf<M>()));
    return *kType;
  }
  static M Decode(const cty::Value& v) {
    M out;
    for (const Binding<M>& binding : M::Fields()) {
      binding.decode(v.At(binding.attribute.name), out);
    }
    return out;
  }
  // An unknown object: each attribute unknown.
  static M DecodeUnknown() {
    M out;
    for (const Binding<M>& binding : M::Fields()) {
      binding.decode(cty::Value::Unknown(binding.attribute.type), out);
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

// `base`, an object that decodes to `before`, with those attributes replaced
// whose encoding differs between `before` and `after`, inside of nested ones
// too. What a handler did not touch stays as it came, with unknowns inside of
// collections and all.
template <Model M>
cty::Value Overlay(const cty::Value& base, const M& before, const M& after) {
  std::map<std::string, cty::Value> out = base.fields();
  for (const Binding<M>& binding : M::Fields()) {
    cty::Value& value = out[binding.attribute.name];
    value = binding.overlay(value, before, after);
  }
  return cty::Value::ObjectOf(base.type(), std::move(out));
}

// The same for a list or map of models, element by element.
template <Model M>
cty::Value Overlay(const cty::Value& base, const std::vector<M>& before,
                   const std::vector<M>& after) {
  std::vector<cty::Value> out;
  for (size_t i = 0; i < after.size(); ++i) {
    const bool had = i < before.size() && i < base.elements().size() &&
                     base.elements()[i].IsKnown();
    out.push_back(had ? Overlay(base.elements()[i], before[i], after[i])
                      : Codec<M>::Encode(after[i]));
  }
  return cty::Value::List(Codec<M>::type(), std::move(out));
}

template <Model M>
cty::Value Overlay(const cty::Value& base,
                   const std::map<std::string, M>& before,
                   const std::map<std::string, M>& after) {
  std::map<std::string, cty::Value> out;
  for (const auto& [key, model] : after) {
    const auto old = before.find(key);
    const cty::Value& value = base.At(key);
    out[key] = old != before.end() && value.IsKnown()
                   ? Overlay(value, old->second, model)
                   : Codec<M>::Encode(model);
  }
  return cty::Value::Map(Codec<M>::type(), std::move(out));
}

// The attribute of a T, before a member is tied to it: its type, and what is
// wrong with a value that T cannot hold.
template <typename T>
Attribute AttributeFor(absl::string_view name, AttributeSpec spec) {
  Attribute attribute{std::string(name), Codec<T>::type(), nullptr,
                      std::move(spec)};
  if constexpr (Nested<T>) {
    using Nest = NestingOf<T>;
    attribute.nested = std::make_shared<const NestedObject>(
        NestedObject{Nest::kNesting, AttributesOf<typename Nest::Object>()});
  } else if constexpr (requires { &Codec<T>::Check; }) {
    attribute.spec.validators.insert(attribute.spec.validators.begin(),
                                     &Codec<T>::Check);
  }
  if constexpr (Enumeration<T>) attribute.spec.allowed = NamesOf<T>();
  return attribute;
}

namespace binding_internal {

// Whether `value` cannot be a T, which has no holes.
template <typename T>
bool ReadsAsUnknown(const cty::Value& value) {
  return value.IsUnknown() ||
         (!Nested<T> && !value.IsNull() && !value.IsWhollyKnown());
}

// Fills `binding.overlay` from its other functions. `get` gives the T of a
// model, or null where it has none.
template <typename T, typename M, typename Get>
void AddOverlay(Binding<M>& binding, const Get& get) {
  if constexpr (Nested<T>) {
    binding.overlay = [encode = binding.encode, get](const cty::Value& base,
                                                     const M& before,
                                                     const M& after) {
      cty::Value now = encode(after);
      if (now == encode(before)) return base;
      const T* const was = get(before);
      const T* const is = get(after);
      if (base.IsKnown() && was != nullptr && is != nullptr) {
        return Overlay(base, *was, *is);
      }
      return now;
    };
  } else {
    binding.overlay = [encode = binding.encode](const cty::Value& base,
                                                const M& before,
                                                const M& after) {
      cty::Value now = encode(after);
      return now == encode(before) ? base : now;
    };
  }
}

}  // namespace binding_internal

// The attribute `name` kept in `member`. A collection that holds an unknown
// reads as unknown, unless it is one of models.
template <typename M, typename T>
requires(Plain<T> || Nested<T>)  //
    Binding<M> Bind(absl::string_view name, Attr<T> M::*member,
                    AttributeSpec spec) {
  namespace internal = binding_internal;
  Binding<M> binding;
  binding.attribute = AttributeFor<T>(name, std::move(spec));
  binding.decode = [member](const cty::Value& value, M& model) {
    if (internal::ReadsAsUnknown<T>(value)) {
      model.*member = Attr<T>::Unknown();
    } else if (value.IsNull()) {
      model.*member = Attr<T>();
    } else {
      model.*member = Codec<T>::Decode(value);
    }
  };
  binding.encode = [member, type = binding.attribute.type](const M& model) {
    const Attr<T>& attr = model.*member;
    if (attr.IsUnknown()) return cty::Value::Unknown(type);
    if (attr.IsNull()) return cty::Value::Null(type);
    return Codec<T>::Encode(attr.value());
  };
  internal::AddOverlay<T>(binding, [member](const M& model) -> const T* {
    const Attr<T>& attr = model.*member;
    return attr.IsKnown() ? &attr.value() : nullptr;
  });
  return binding;
}

// The attribute `name` with a default: what `member` of a default-constructed
// model holds. It is optional and computed, whatever `spec.use` says.
template <typename M, typename T>
requires(Plain<T> || Nested<T>)  //
    Binding<M> Bind(absl::string_view name, Defaulted<T> M::*member,
                    AttributeSpec spec) {
  namespace internal = binding_internal;
  const T fallback = (M{}.*member).value();
  spec.use = Use::kOptionalComputed;
  spec.fallback = Codec<T>::Encode(fallback);
  Binding<M> binding;
  binding.attribute = AttributeFor<T>(name, std::move(spec));
  binding.decode = [member, fallback](const cty::Value& value, M& model) {
    if (internal::ReadsAsUnknown<T>(value)) {
      model.*member = Defaulted<T>::Unknown(fallback);
    } else {
      model.*member = value.IsNull() ? fallback : Codec<T>::Decode(value);
    }
  };
  binding.encode = [member](const M& model) {
    const Defaulted<T>& attr = model.*member;
    return attr.IsUnknown() ? cty::Value::Unknown(Codec<T>::type())
                            : Codec<T>::Encode(attr.value());
  };
  internal::AddOverlay<T>(binding, [member](const M& model) -> const T* {
    const Defaulted<T>& attr = model.*member;
    return attr.IsUnknown() ? nullptr : &attr.value();
  });
  return binding;
}

// An attribute whose value the resource reads itself: any-typed ones, and those
// that are planned with unknown elements.
template <typename M>
Binding<M> Bind(absl::string_view name, cty::Value M::*member,
                const cty::Type& type, AttributeSpec spec) {
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
  binding_internal::AddOverlay<cty::Value>(
      binding, [](const M&) -> const cty::Value* { return nullptr; });
  return binding;
}

// An attribute from a table, kept in `member` under its name; the resource
// reads the value itself.
template <typename M>
Binding<M> BindEntry(std::map<std::string, cty::Value> M::*member,
                     const Attribute& attribute) {
  Binding<M> binding;
  binding.decode = [member, name = attribute.name](const cty::Value& value,
                                                   M& model) {
    (model.*member)[name] = value;
  };
  binding.encode = [member, name = attribute.name,
                    null = cty::Value::Null(attribute.type)](const M& model) {
    const auto found = (model.*member).find(name);
    return found == (model.*member).end() || found->second.IsNull()
               ? null
               : found->second;
  };
  binding_internal::AddOverlay<cty::Value>(
      binding, [](const M&) -> const cty::Value* { return nullptr; });
  binding.attribute = attribute;
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

}  // namespace tf
