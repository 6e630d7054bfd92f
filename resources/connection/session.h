// What all resources share: the connection that the provider block describes.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "base/secret.h"
#include "base/subprocess.h"
#include "kube/client.h"
#include "resources/connection/config_sources.h"
#include "resources/connection/generation_check.h"
#include "resources/connection/ids_in_state.h"
#include "resources/connection/known_secrets.h"
#include "resources/connection/plan_notes.h"
#include "resources/connection/said.h"

namespace resources {

// Of a provider block that gives none. Renaming it would make all that was
// written before another manager's.
inline constexpr char kDefaultFieldManager[] = "terraform-provider-wandb";

// Thread-safe. Fake: tests/support/fake_session.h.
class Session {
 public:
  virtual ~Session() = default;

  // The client, made on first use; never null. An error says what is wrong with
  // the configuration, every time; nothing is sent here.
  virtual absl::StatusOr<std::shared_ptr<kube::Client>> Kube() const = 0;
  // Whether the configuration depends on values that are not known yet.
  virtual bool ConfigUnknown() const = 0;
  // Where Kube() connects to and as whom, for messages; holds no secret.
  virtual std::string Endpoint() const = 0;
  virtual std::string field_manager() const = 0;
  // Where releases are asked for, and with which license; either may be "".
  struct Channel {
    std::string url;
    base::Secret license;
  };
  virtual Channel channel() const = 0;

  // What is known of whose cluster Kube() leads to.
  GenerationCheck& generation() const { return *generation_; }
  // The instances that this process has seen in the state.
  IdsInState& instances_in_state() const { return *instances_in_state_; }

  // What the plans of this walk say of each other.
  PlanNotes& plan_notes() const { return *plan_notes_; }

  // What this walk has warned of.
  Said& said() const { return *said_; }

  // What must not be shown of all that was read. Kube() adds to it by itself.
  const std::shared_ptr<KnownSecrets>& secrets() const { return secrets_; }

 private:
  const std::unique_ptr<IdsInState> instances_in_state_ =
      std::make_unique<IdsInState>();
  const std::unique_ptr<PlanNotes> plan_notes_ = std::make_unique<PlanNotes>();
  const std::unique_ptr<Said> said_ = std::make_unique<Said>();
  const std::shared_ptr<KnownSecrets> secrets_ =
      std::make_shared<KnownSecrets>();
  const std::unique_ptr<GenerationCheck> generation_ =
      std::make_unique<GenerationCheck>();
};

// The real one. Configure() may come again at any time.
class ConfiguredSession final : public Session {
 public:
  struct Settings {
    ConfigSources sources;
    bool unknown = false;
    std::string field_manager = kDefaultFieldManager;
    std::string user_agent;
    // Of programs that are run for credentials.
    base::Environment child_environment;
    // For the release channel; both may be "".
    std::string release_channel_url;
    base::Secret license;
  };

  void Configure(Settings settings);

  absl::StatusOr<std::shared_ptr<kube::Client>> Kube() const override;
  bool ConfigUnknown() const override;
  std::string Endpoint() const override;
  std::string field_manager() const override;
  Channel channel() const override;

  // From now on, until Configure(), clients are patient with a server that
  // doesn't answer: they look for it longer than a plan would.
  void NoteApply() { *applying_ = true; }

  // What clients of this session had to warn of since the last time; each once.
  std::vector<std::string> TakeWarnings();

 private:
  // Outlives the session, as a client may.
  struct Warnings {
    absl::Mutex mutex;
    std::vector<std::string> texts ABSL_GUARDED_BY(mutex);
  };
  using Client = std::shared_ptr<kube::Client>;
  absl::StatusOr<Client> Connect() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::shared_ptr<std::atomic<bool>> applying_ =
      std::make_shared<std::atomic<bool>>(false);
  const std::shared_ptr<Warnings> warnings_ = std::make_shared<Warnings>();
  mutable absl::Mutex mutex_;
  Settings settings_ ABSL_GUARDED_BY(mutex_);
  bool configured_ ABSL_GUARDED_BY(mutex_) = false;
  // Made on first use: a kubeconfig may be written by the same apply. Null
  // until that has worked.
  mutable Client client_ ABSL_GUARDED_BY(mutex_);
  mutable std::string endpoint_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace resources
