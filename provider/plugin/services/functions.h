// The calls about functions.
#pragma once

#include <map>
#include <string>

#include "absl/status/status.h"
#include "proto/tfplugin6.grpc.pb.h"
#include "provider/plugin/services/registry.h"

namespace plugin {

class FunctionCalls : public Kind {
 public:
  explicit FunctionCalls(Registry& registry);

  void Describe(tfplugin6::GetMetadata::Response* response) const override;
  void Describe(
      tfplugin6::GetProviderSchema::Response* response) const override;
  grpc::Status GetFunctions(
      grpc::ServerContext*, const tfplugin6::GetFunctions::Request* request,
      tfplugin6::GetFunctions::Response* response) override;
  grpc::Status CallFunction(
      grpc::ServerContext*, const tfplugin6::CallFunction::Request* request,
      tfplugin6::CallFunction::Response* response) override;

 private:
  absl::Status Call(const tf::Function& function,
                    const tfplugin6::CallFunction::Request& request,
                    tfplugin6::CallFunction::Response& response);

  std::map<std::string, const tf::Function*> functions_;
};

}  // namespace plugin
