// A resources::Session on a client of the test's own.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "resources/connection/learning_client.h"
#include "resources/connection/session.h"

namespace support {

class FakeSession final : public resources::Session {
 public:
  // An error stands for a connection that is configured wrongly.
  explicit FakeSession(absl::StatusOr<std::shared_ptr<kube::Client>> client)
      : client_(client.ok() && *client != nullptr
                    ? resources::LearningClient(*std::move(client), secrets())
                    : std::move(client)) {}

  absl::StatusOr<std::shared_ptr<kube::Client>> Kube() const override {
    return client_;
  }
  bool ConfigUnknown() const override { return config_unknown; }
  std::string Endpoint() const override { return "https://cluster.test"; }
  std::string field_manager() const override { return the_manager; }
  Channel channel() const override { return the_channel; }

  static constexpr char kManager[] = "terraform-provider-wandb";

  std::string the_manager = kManager;
  bool config_unknown = false;
  Channel the_channel;

 private:
  const absl::StatusOr<std::shared_ptr<kube::Client>> client_;
};

}  // namespace support
