#include "provider/plugin/plugin_services.h"

#include <utility>

#include "proto/grpc_broker.grpc.pb.h"
#include "proto/grpc_controller.grpc.pb.h"
#include "proto/grpc_stdio.grpc.pb.h"

namespace plugin {
namespace {

class ControllerService final : public GRPCController::Service {
 public:
  explicit ControllerService(std::function<void()> on_shutdown)
      : on_shutdown_(std::move(on_shutdown)) {}

  grpc::Status Shutdown(grpc::ServerContext*, const Empty*, Empty*) override {
    on_shutdown_();
    return grpc::Status::OK;
  }

 private:
  const std::function<void()> on_shutdown_;
};

// gRPC owns reactors by protocol: they delete themselves in OnDone().
class IdleWriter final : public grpc::ServerWriteReactor<StdioData> {
  void OnCancel() override { Finish(grpc::Status::CANCELLED); }
  void OnDone() override { delete this; }
};

class IdleStream final : public grpc::ServerBidiReactor<ConnInfo, ConnInfo> {
 public:
  IdleStream() { StartRead(&received_); }

 private:
  void OnReadDone(bool ok) override {
    if (ok) {
      StartRead(&received_);
    } else {
      Finish(grpc::Status::OK);
    }
  }
  void OnDone() override { delete this; }

  ConnInfo received_;
};

class StdioService final : public GRPCStdio::CallbackService {
  grpc::ServerWriteReactor<StdioData>* StreamStdio(
      grpc::CallbackServerContext*, const google::protobuf::Empty*) override {
    return std::make_unique<IdleWriter>().release();
  }
};

class BrokerService final : public GRPCBroker::CallbackService {
  grpc::ServerBidiReactor<ConnInfo, ConnInfo>* StartStream(
      grpc::CallbackServerContext*) override {
    return std::make_unique<IdleStream>().release();
  }
};

}  // namespace

std::unique_ptr<grpc::Service> NewControllerService(
    std::function<void()> on_shutdown) {
  return std::make_unique<ControllerService>(std::move(on_shutdown));
}

std::unique_ptr<grpc::Service> NewStdioService() {
  return std::make_unique<StdioService>();
}

std::unique_ptr<grpc::Service> NewBrokerService() {
  return std::make_unique<BrokerService>();
}

}  // namespace plugin
