#include "provider/plugin/services/convert.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/printable.h"
#include "base/status_macros.h"
#include "base/utf8.h"
#include "provider/cty/codec.h"
#include "provider/tf/attribute_text.h"

namespace plugin {
namespace {

void ToAttribute(const tf::Attribute& attribute,
                 tfplugin6::Schema::Attribute* message);

void ToNested(const tf::NestedObject& nested,
              tfplugin6::Schema::Object* message) {
  using Object = tfplugin6::Schema::Object;
  switch (nested.nesting) {
    case tf::Nesting::kSingle:
      message->set_nesting(Object::SINGLE);
      break;
    case tf::Nesting::kList:
      message->set_nesting(Object::LIST);
      break;
    case tf::Nesting::kMap:
      message->set_nesting(Object::MAP);
      break;
  }
  for (const tf::Attribute& attribute : nested.attributes) {
    ToAttribute(attribute, message->add_attributes());
  }
}

void ToAttribute(const tf::Attribute& attribute,
                 tfplugin6::Schema::Attribute* message) {
  const tf::AttributeSpec& spec = attribute.spec;
  message->set_name(attribute.name);
  if (attribute.nested != nullptr) {
    ToNested(*attribute.nested, message->mutable_nested_type());
  } else {
    message->set_type(attribute.type.ToJson());
  }
  message->set_required(spec.use == tf::Use::kRequired);
  message->set_optional(spec.use == tf::Use::kOptional ||
                        spec.use == tf::Use::kOptionalComputed);
  message->set_computed(attribute.computed());
  message->set_sensitive(spec.sensitive);
  message->set_write_only(spec.write_only);
  message->set_description(tf::AttributeText(attribute));
  message->set_description_kind(tfplugin6::MARKDOWN);
  message->set_deprecated(!spec.deprecated.empty());
  message->set_deprecation_message(spec.deprecated);
}

cty::Type IdentityType(const std::vector<tf::IdentityAttribute>& attributes) {
  std::map<std::string, cty::Type> types;
  for (const tf::IdentityAttribute& attribute : attributes) {
    types[attribute.name] = cty::Type::String();
  }
  return cty::Type::Object(std::move(types));
}

std::string Shown(absl::string_view text, const HideText& hide) {
  return base::Printable(hide ? hide(text) : std::string(text));
}

}  // namespace

absl::StatusOr<cty::Value> FromDynamic(const tfplugin6::DynamicValue& message,
                                       const cty::Type& type,
                                       absl::string_view what) {
  auto value = message.msgpack().empty() && !message.json().empty()
                   ? cty::DecodeJson(message.json(), type)
                   : cty::DecodeMsgpack(message.msgpack(), type);
  if (!value.ok()) return base::Annotate(value.status(), what);
  return value;
}

absl::Status ToDynamic(const cty::Value& value, const cty::Type& type,
                       tfplugin6::DynamicValue* message) {
  ASSIGN_OR_RETURN(std::string bytes, cty::EncodeMsgpack(value, type));
  message->set_msgpack(std::move(bytes));
  return absl::OkStatus();
}

void ToAttributePath(const cty::Path& path, tfplugin6::AttributePath* message) {
  for (const cty::Step& step : path.steps()) {
    auto* out = message->add_steps();
    if (const auto* attribute = std::get_if<cty::AttributeStep>(&step)) {
      out->set_attribute_name(base::ValidUtf8(attribute->name));
    } else if (const auto* key = std::get_if<cty::KeyStep>(&step)) {
      out->set_element_key_string(base::ValidUtf8(key->key));
    } else {
      out->set_element_key_int(std::get<cty::IndexStep>(step).index);
    }
  }
}

void ToDiagnostics(
    const tf::Diagnostics& diags, const HideText& hide,
    google::protobuf::RepeatedPtrField<tfplugin6::Diagnostic>* messages) {
  for (const tf::Diagnostic& diagnostic : diags.items()) {
    auto* out = messages->Add();
    out->set_severity(diagnostic.severity == tf::Severity::kError
                          ? tfplugin6::Diagnostic::ERROR
                          : tfplugin6::Diagnostic::WARNING);
    out->set_summary(Shown(diagnostic.summary, hide));
    out->set_detail(Shown(diagnostic.detail, hide));
    if (diagnostic.path.has_value() && !diagnostic.path->empty()) {
      ToAttributePath(*diagnostic.path, out->mutable_attribute());
    }
  }
}

void ToFunctionError(absl::string_view text, const HideText& hide,
                     std::optional<int64_t> argument,
                     tfplugin6::FunctionError* message) {
  message->set_text(Shown(text, hide));
  if (argument.has_value()) message->set_function_argument(*argument);
}

void ToSchema(const tf::Schema& schema, tfplugin6::Schema* message) {
  message->set_version(schema.version);
  auto* block = message->mutable_block();
  block->set_version(schema.version);
  block->set_description(schema.doc);
  block->set_description_kind(tfplugin6::MARKDOWN);
  for (const tf::Attribute& attribute : schema.attributes) {
    ToAttribute(attribute, block->add_attributes());
  }
  for (const tf::Block& nested : schema.blocks) {
    auto* out = block->add_block_types();
    out->set_type_name(nested.name);
    out->set_nesting(tfplugin6::Schema::NestedBlock::SINGLE);
    out->mutable_block()->set_description(nested.doc);
    out->mutable_block()->set_description_kind(tfplugin6::MARKDOWN);
    for (const tf::Attribute& attribute : nested.attributes) {
      ToAttribute(attribute, out->mutable_block()->add_attributes());
    }
  }
}

void ToFunction(const tf::Function& function, tfplugin6::Function* message) {
  const auto fill = [](const tf::Parameter& parameter,
                       tfplugin6::Function::Parameter* out) {
    out->set_name(parameter.name);
    out->set_type(parameter.type.ToJson());
    out->set_allow_null_value(parameter.allow_null);
    out->set_description(parameter.doc);
    out->set_description_kind(tfplugin6::MARKDOWN);
  };
  for (const tf::Parameter& parameter : function.parameters) {
    fill(parameter, message->add_parameters());
  }
  if (function.variadic.has_value()) {
    fill(*function.variadic, message->mutable_variadic_parameter());
  }
  message->mutable_return_()->set_type(function.result.ToJson());
  message->set_summary(function.summary);
  message->set_description(function.doc);
  message->set_description_kind(tfplugin6::MARKDOWN);
}

void ToIdentitySchema(const std::vector<tf::IdentityAttribute>& attributes,
                      tfplugin6::ResourceIdentitySchema* message) {
  for (const tf::IdentityAttribute& attribute : attributes) {
    auto* out = message->add_identity_attributes();
    out->set_name(attribute.name);
    out->set_type(cty::Type::String().ToJson());
    out->set_required_for_import(attribute.required_for_import);
    out->set_optional_for_import(!attribute.required_for_import);
    out->set_description(attribute.doc);
  }
}

absl::Status ToIdentity(const std::vector<tf::IdentityAttribute>& attributes,
                        const cty::Value& state,
                        tfplugin6::ResourceIdentityData* message) {
  if (attributes.empty() || !state.IsKnown()) return absl::OkStatus();
  std::map<std::string, cty::Value> fields;
  for (const tf::IdentityAttribute& attribute : attributes) {
    fields[attribute.name] = state.At(attribute.name);
  }
  return ToDynamic(cty::Value::Object(std::move(fields)),
                   IdentityType(attributes), message->mutable_identity_data());
}

absl::StatusOr<std::map<std::string, std::string>> FromIdentity(
    const std::vector<tf::IdentityAttribute>& attributes,
    const tfplugin6::ResourceIdentityData& message) {
  std::map<std::string, std::string> out;
  ASSIGN_OR_RETURN(cty::Value value,
                   FromDynamic(message.identity_data(),
                               IdentityType(attributes), "identity"));
  if (!value.IsKnown()) return out;
  for (const auto& [name, field] : value.fields()) {
    if (field.IsKnown()) out[name] = field.AsString();
  }
  return out;
}

base::Json FromPrivate(const std::string& bytes) {
  auto json = base::ParseJson(bytes, "private data");
  if (!json.ok() || !json->is_object()) return base::Json::object();
  return *std::move(json);
}

std::string ToPrivate(const base::Json& private_data) {
  if (!private_data.is_object() || private_data.empty()) return "";
  return base::DumpJson(private_data);
}

}  // namespace plugin
