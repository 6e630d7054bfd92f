#include "provider/tf/provider.h"

#include <utility>

namespace tf {
namespace {

class PlainProvider final : public Provider {
 public:
  explicit PlainProvider(Parts parts) : parts_(std::move(parts)) {}

  const Schema& schema() const override { return schema_; }
  void Validate(const cty::Value&, Diagnostics&) const override {}
  void Configure(const base::Context&, ConfigureCall&) override {}
  bool ConfigUnknown() const override { return false; }
  const Parts& parts() const override { return parts_; }

 private:
  const Schema schema_;
  const Parts parts_;
};

}  // namespace

std::unique_ptr<Provider> NewProvider(Parts parts) {
  return std::make_unique<PlainProvider>(std::move(parts));
}

}  // namespace tf
