#include "resources/session.h"

#include <utility>

#include "base/log.h"
#include "kube/new_client.h"

namespace resources {

void ConfiguredSession::Configure(Settings settings) {
  absl::MutexLock lock(&mutex_);
  settings_ = std::move(settings);
  configured_ = true;
  *applying_ = false;
  connection_.reset();
}

const ConfiguredSession::Connection& ConfiguredSession::Connect() const {
  // A failure is not kept: the file that was missing may appear.
  if (connection_ != nullptr && connection_->status.ok()) return *connection_;
  connection_ = std::make_unique<Connection>();
  auto config = kube::ResolveConfig(settings_.sources);
  if (!config.ok()) {
    connection_->status = config.status();
    return *connection_;
  }
  for (const std::string& note : config->notes) {
    base::Log(base::LogLevel::kInfo, note);
  }
  connection_->endpoint =
      kube::DescribeConfig(*config, http::ReadProxyEnvironment());
  kube::ClientOptions options;
  options.user_agent = settings_.user_agent;
  options.child_environment = settings_.child_environment;
  options.on_warning = [warnings = warnings_](std::string text) {
    absl::MutexLock lock(&warnings->mutex);
    warnings->texts.push_back(std::move(text));
  };
  options.hurried = [applying = applying_] { return !*applying; };
  auto client = kube::NewClient(*std::move(config), std::move(options));
  connection_->status = client.status();
  if (client.ok()) connection_->client = *std::move(client);
  return *connection_;
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
  const Connection& connection = Connect();
  if (!connection.status.ok()) return connection.status;
  return connection.client;
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
  return connection_ == nullptr ? "" : connection_->endpoint;
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
