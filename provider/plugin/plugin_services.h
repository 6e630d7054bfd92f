// The services of go-plugin itself: controller, stdio, broker.
#pragma once

#include <grpcpp/impl/service_type.h>

#include <functional>
#include <memory>

namespace plugin {

// GRPCController: calls `on_shutdown` (from an RPC thread) when the client asks
// the plugin to end.
std::unique_ptr<grpc::Service> NewControllerService(
    std::function<void()> on_shutdown);

// GRPCStdio and GRPCBroker: the client opens one stream on each and keeps it to
// the end. They are held without a thread and without sending anything.
std::unique_ptr<grpc::Service> NewStdioService();
std::unique_ptr<grpc::Service> NewBrokerService();

}  // namespace plugin
