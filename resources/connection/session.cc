#include "resources/connection/session.h"

#include <utility>

#include "base/log.h"
#include "base/status_macros.h"
#include "kube/config.h"
#include "kube/new_client.h"
#include "resources/connection/advice.h"
#include "resources/connection/learning_client.h"

namespace resources {

void ConfiguredSession::Configure(Settings settings) {
  plan_notes().Clear();
  said().Clear();
  absl::MutexLock lock(&mutex_);
  settings_ = std::move(settings);
  secrets()->Add({settings_.license.Reveal(),
                  settings_.sources.token.value_or(""),
                  settings_.sources.password.value_or("")});
  configured_ = true;
  *applying_ = false;
  client_ = nullptr;
  endpoint_.clear();
}

absl::StatusOr<ConfiguredSession::Client> ConfiguredSession::Connect() const {
  if (client_ != nullptr) return client_;
  endpoint_.clear();
  ASSIGN_OR_RETURN(kube::Config config, ResolveConfig(settings_.sources));
  for (const std::string& note : config.notes) {
    base::Log(base::LogLevel::kInfo, note);
  }
  endpoint_ = kube::DescribeConfig(config, http::ReadProxyEnvironment());
  kube::ClientOptions options;
  options.user_agent = settings_.user_agent;
  options.child_environment = settings_.child_environment;
  options.advice = ConnectionAdvice;
  options.on_warning = [warnings = warnings_](std::string text) {
    absl::MutexLock lock(&warnings->mutex);
    warnings->texts.push_back(std::move(text));
  };
  options.on_credential = [secrets = secrets()](const std::string& secret) {
    secrets->Add({secret});
  };
  options.hurried = [applying = applying_] { return !*applying; };
  ASSIGN_OR_RETURN(Client client,
                   kube::NewClient(std::move(config), std::move(options)));
  client = LearningClient(std::move(client), secrets());
  // Only what is complete is kept: what failed may work the next time, when the
  // file that was missing is there.
  client_ = std::move(client);
  return client_;
}

absl::StatusOr<std::shared_ptr<kube::Client>> ConfiguredSession::Kube() const {
  absl::MutexLock lock(&mutex_);
  if (!configured_) {
    return absl::FailedPreconditionError("the provider is not configured yet");
  }
  if (settings_.unknown) {
    return absl::FailedPreconditionError(
        "the provider configuration depends on values that are not known yet");
  }
  return Connect();
}

std::vector<std::string> ConfiguredSession::TakeWarnings() {
  absl::MutexLock lock(&warnings_->mutex);
  return std::exchange(warnings_->texts, {});
}

bool ConfiguredSession::ConfigUnknown() const {
  absl::MutexLock lock(&mutex_);
  return settings_.unknown;
}

std::string ConfiguredSession::Endpoint() const {
  absl::MutexLock lock(&mutex_);
  return endpoint_;
}

std::string ConfiguredSession::field_manager() const {
  absl::MutexLock lock(&mutex_);
  return settings_.field_manager;
}

Session::Channel ConfiguredSession::channel() const {
  absl::MutexLock lock(&mutex_);
  return {settings_.release_channel_url, settings_.license};
}

}  // namespace resources
