// What a data source, or an ephemeral resource, implements.
#pragma once

#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "base/context.h"
#include "provider/cty/value.h"
#include "provider/tf/binding.h"
#include "provider/tf/diagnostics.h"
#include "provider/tf/plan.h"
#include "provider/tf/schema.h"

namespace tf {

struct RawData {
  cty::Value config;  // Wholly known.
  // Result: the configuration with its computed attributes, wholly known.
  cty::Value state;
  Diagnostics diags;
};

// Thread-safe: one object serves all calls.
class DataSource {
 public:
  virtual ~DataSource() = default;

  virtual const std::string& type_name() const = 0;
  virtual const Schema& schema() const = 0;
  // Whether Read() needs the provider's configuration. One that doesn't works
  // while that is unknown.
  virtual bool needs_provider() const { return true; }

  virtual void Validate(const cty::Value& config, Diagnostics& diags) const = 0;
  virtual void Read(const base::Context& ctx, RawData& call) const = 0;
};

template <typename M>
struct DataCall {
  M model;  // As configured, with defaults; Read fills the rest.
  Diagnostics diags;
};

// A data source over model M: implement the typed handlers below.
template <Model M>
class TypedDataSource : public DataSource {
 public:
  TypedDataSource(std::string type_name, absl::string_view doc)
      : type_name_(std::move(type_name)), schema_(SchemaOf<M>(0, doc)) {}

  const std::string& type_name() const final { return type_name_; }
  const Schema& schema() const final { return schema_; }

  void Validate(const cty::Value& config, Diagnostics& diags) const final {
    CheckConfig(Codec<M>::Decode(config), diags);
  }
  void Read(const base::Context& ctx, RawData& call) const final {
    const cty::Value offered = WithDefaults(schema_, call.config, call.config);
    const M before = Codec<M>::Decode(offered);
    DataCall<M> typed{.model = before};
    ReadData(ctx, typed);
    call.diags.Append(typed.diags);
    call.state = Overlay(offered, before, typed.model);
  }

 protected:
  // Rules that involve several attributes. Any of them may be unknown.
  virtual void CheckConfig(const M&, Diagnostics&) const {}
  virtual void ReadData(const base::Context& ctx, DataCall<M>& call) const = 0;

 private:
  const std::string type_name_;
  const Schema schema_;
};

}  // namespace tf
