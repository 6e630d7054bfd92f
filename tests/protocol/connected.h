// Core, connected to a plugin with AutoMTLS.
#pragma once

#include <grpcpp/grpcpp.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "proto/tfplugin6.grpc.pb.h"
#include "provider/cty/value.h"
#include "provider/tf/schema.h"
#include "tests/protocol/core.h"

namespace protocol {

// How long anything that should be quick may take on a busy machine.
constexpr absl::Duration kPatience = absl::Seconds(30);
// Core kills a plugin that takes longer to end.
constexpr absl::Duration kShutdownLimit = absl::Seconds(2);

bool Exists(const std::string& path);
std::string DirectoryOf(const std::string& path);

// The client's side of AutoMTLS, as go-plugin makes it.
support::Certificate MakeClientIdentity();

// For a call that ends after kPatience.
std::unique_ptr<grpc::ClientContext> Call();

// Errors as "summary: detail"; warnings do not count.
template <typename Response>
std::vector<std::string> ErrorsOf(const Response& response) {
  std::vector<std::string> out;
  for (const tfplugin6::Diagnostic& diagnostic : response.diagnostics()) {
    if (diagnostic.severity() == tfplugin6::Diagnostic::ERROR) {
      out.push_back(
          absl::StrCat(diagnostic.summary(), ": ", diagnostic.detail()));
    }
  }
  return out;
}

cty::Value Str(const std::string& text);
tfplugin6::DynamicValue Dynamic(const cty::Value& value, const cty::Type& type);

class Connected : public ::testing::Test {
 protected:
  // Starts `program`, with `more` in its environment.
  explicit Connected(const Program& program, const Environment& more = {});

  void SetUp() override;

  tfplugin6::GetProviderSchema::Response Schemas();
  tf::Schema Resource(const std::string& type_name);

  // Plans a create of `type_name`; what core would refuse fails the test.
  cty::Value PlanCreate(const std::string& type_name,
                        std::map<std::string, cty::Value> fields);

  // Shutdown, after which nothing is left of the plugin.
  void ExpectOrderlyEnd();

  const support::Certificate identity_;
  PluginProcess plugin_;
  const std::string line_;  // Of the handshake.
  const std::vector<std::string> fields_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<tfplugin6::Provider::Stub> provider_;
};

}  // namespace protocol
