// Any message of the protocol: no crash, and an answer that clients can read.
//
// The first byte chooses the call, the second the type. With the high bit of
// the first the rest is the message itself, else up to three texts with NUL
// between are its values as JSON.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "app/parts.h"
#include "base/never_destroyed.h"
#include "provider/plugin/services/provider_service.h"
#include "resources/provider.h"

namespace {

namespace pb = tfplugin6;
using Service = pb::Provider::Service;

// One without a cluster: what asks one says that there is none.
Service& TheService() {
  static auto* const kProvider =
      resources::NewProvider({.version = "fuzz"}, app::AllParts).release();
  static base::NeverDestroyed<base::StopSource> kStop;
  static auto* const kService =
      plugin::NewProviderService(*kProvider, *kStop).release();
  return *kService;
}

struct Input {
  bool raw = false;
  std::string type_name;
  absl::string_view bytes;
  std::vector<std::string> texts;

  std::string Text(size_t i) const { return i < texts.size() ? texts[i] : ""; }
};

// Calls `rpc` with the message of `input`, or with what `fill` makes of it.
template <typename Request, typename Response, typename Fill>
void Call(grpc::Status (Service::*rpc)(grpc::ServerContext*, const Request*,
                                       Response*),
          const Input& input, const Fill& fill) {
  Request request;
  if (!input.raw) {
    fill(request);
  } else if (!request.ParseFromArray(input.bytes.data(),
                                     static_cast<int>(input.bytes.size()))) {
    return;
  }
  Response response;
  Response back;
  if (!(TheService().*rpc)(nullptr, &request, &response).ok() ||
      !back.ParseFromString(response.SerializeAsString())) {
    std::fputs("an answer that clients refuse\n", stderr);
    std::abort();
  }
}

void Run(unsigned call, const Input& input) {
  const auto typed = [&](auto& request) {
    request.set_type_name(input.type_name);
  };
  switch (call % 10) {
    case 0:
      return Call(&Service::ValidateProviderConfig, input, [&](auto& request) {
        request.mutable_config()->set_json(input.Text(0));
      });
    case 1:
      return Call(&Service::ValidateResourceConfig, input, [&](auto& request) {
        typed(request);
        request.mutable_config()->set_json(input.Text(0));
      });
    case 2:
      return Call(&Service::UpgradeResourceState, input, [&](auto& request) {
        typed(request);
        request.mutable_raw_state()->set_json(input.Text(0));
      });
    case 3:
      return Call(&Service::ReadResource, input, [&](auto& request) {
        typed(request);
        request.mutable_current_state()->set_json(input.Text(0));
        request.set_private_(input.Text(1));
      });
    case 4:
      return Call(&Service::PlanResourceChange, input, [&](auto& request) {
        typed(request);
        request.mutable_config()->set_json(input.Text(0));
        request.mutable_proposed_new_state()->set_json(input.Text(0));
        request.mutable_prior_state()->set_json(
            input.texts.size() > 1 ? input.Text(1) : "null");
        request.set_prior_private(input.Text(2));
      });
    case 5:
      return Call(&Service::ApplyResourceChange, input, [&](auto& request) {
        typed(request);
        request.mutable_config()->set_json(input.Text(0));
        request.mutable_planned_state()->set_json(input.Text(0));
        request.mutable_prior_state()->set_json(
            input.texts.size() > 1 ? input.Text(1) : "null");
        request.set_planned_private(input.Text(2));
      });
    case 6:
      return Call(&Service::ImportResourceState, input, [&](auto& request) {
        typed(request);
        // A client's message with other text would not have got here.
        if (input.Text(1).empty()) request.set_id("default/wandb");
        request.mutable_identity()->mutable_identity_data()->set_json(
            input.Text(0));
      });
    case 7:
      return Call(&Service::ReadDataSource, input, [&](auto& request) {
        request.set_type_name("wandb_effective_spec");
        request.mutable_config()->set_json(input.Text(0));
      });
    case 8:
      return Call(&Service::CallFunction, input, [&](auto& request) {
        request.set_name(input.type_name == "wandb_operator"
                             ? "merge_values"
                             : "parse_instance_id");
        for (const std::string& text : input.texts) {
          request.add_arguments()->set_json(text);
        }
      });
    default:
      return Call(&Service::ValidateDataResourceConfig, input,
                  [&](auto& request) {
                    request.set_type_name("wandb_effective_spec");
                    request.mutable_config()->set_json(input.Text(0));
                  });
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  Input input{
      .raw = (data[0] & 0x80U) != 0,
      .type_name = (data[1] & 1U) != 0 ? "wandb_instance" : "wandb_operator",
      .bytes = {reinterpret_cast<const char*>(data + 2), size - 2}};
  input.texts = absl::StrSplit(input.bytes, '\0');
  Run(data[0] & 0x7fU, input);
  return 0;
}
