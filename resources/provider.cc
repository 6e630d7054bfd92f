#include "resources/provider.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/environment.h"
#include "base/log.h"
#include "resources/connection/provider_config.h"

namespace resources {
namespace {

class WandbProvider final : public tf::Provider {
 public:
  WandbProvider(ProviderOptions options, const MakeParts& make_parts)
      : options_(std::move(options)),
        schema_(ProviderSchema()),
        parts_(make_parts(session_)) {
    base::SetLogFilter([secrets = session_->secrets()](absl::string_view text) {
      return secrets->Hide(text);
    });
  }

  const tf::Schema& schema() const override { return schema_; }

  void Validate(const cty::Value& config,
                tf::Diagnostics& diags) const override {
    ValidateProviderConfig(config, diags);
  }

  void Configure(const base::Context&, tf::ConfigureCall& call) override {
    ConfiguredSession::Settings settings =
        SettingsOf(call.config, base::EnvironmentVariable);
    settings.user_agent = absl::StrCat(
        "terraform-provider-wandb/", options_.version, " (linux) terraform/",
        call.terraform_version.empty() ? "unknown" : call.terraform_version);
    settings.child_environment = options_.child_environment;
    session_->Configure(std::move(settings));
  }

  bool ConfigUnknown() const override { return session_->ConfigUnknown(); }

  void NoteApply() override { session_->NoteApply(); }

  std::string Hide(absl::string_view text) const override {
    return session_->secrets()->Hide(text);
  }

  tf::Diagnostics TakeWarnings() override {
    tf::Diagnostics diags;
    for (const std::string& warning : session_->TakeWarnings()) {
      diags.AddWarning("Kubernetes credentials", warning);
    }
    return diags;
  }

  const tf::Parts& parts() const override { return parts_; }

 private:
  const ProviderOptions options_;
  const tf::Schema schema_;
  const std::shared_ptr<ConfiguredSession> session_ =
      std::make_shared<ConfiguredSession>();
  const tf::Parts parts_;
};

}  // namespace

std::unique_ptr<tf::Provider> NewProvider(ProviderOptions options,
                                          const MakeParts& make_parts) {
  return std::make_unique<WandbProvider>(std::move(options), make_parts);
}

}  // namespace resources
