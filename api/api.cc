#include "api/api.h"

#include "api/routes.h"
#include "base/check.h"

namespace waypost {

struct Api::Rooms {
  explicit Rooms(ApiParts parts) : shared(std::move(parts)) {}
  api::Shared shared;
};

Api::Api(ApiParts parts) {
  WAYPOST_CHECK(parts.database && parts.clock && parts.keyring && parts.settings && parts.signals);
  rooms_ = std::make_unique<Rooms>(std::move(parts));
}
Api::~Api() = default;

void Api::add_routes(Router& router) {
  auto& shared = rooms_->shared;
  api::add_session_routes(router, shared);
  api::add_token_routes(router, shared);
  api::add_workspace_routes(router, shared);
  api::add_contact_routes(router, shared);
  api::add_conversation_routes(router, shared);
  api::add_message_routes(router, shared);
  api::add_one_message_routes(router, shared);
  api::add_send_routes(router, shared);
  api::add_mark_routes(router, shared);
  api::add_media_routes(router, shared);
  api::add_upload_routes(router, shared);
  api::add_workflow_routes(router, shared);
  api::add_workflow_test_routes(router, shared);
  api::add_workflow_version_routes(router, shared);
  api::add_workflow_exchange_routes(router, shared);
  api::add_trigger_routes(router, shared);
  api::add_run_routes(router, shared);
  api::add_run_action_routes(router, shared);
  api::add_credential_routes(router, shared);
  api::add_template_routes(router, shared);
  api::add_template_write_routes(router, shared);
  api::add_broadcast_routes(router, shared);
  api::add_broadcast_action_routes(router, shared);
  api::add_broadcast_recipient_routes(router, shared);
  api::add_group_routes(router, shared);
  api::add_channel_routes(router, shared);
  api::add_channel_health_routes(router, shared);
  api::add_pricing_routes(router, shared);
  api::add_event_routes(router, shared);
  api::add_queue_routes(router, shared, api::Side::Public);
  api::add_letter_routes(router, shared, api::Side::Public);
  api::add_replay_routes(router, shared, api::Side::Public);
}

void Api::add_admin_routes(Router& router) {
  api::add_admin_routes(router, rooms_->shared);
  api::add_move_routes(router, rooms_->shared);
  api::add_doctor_routes(router, rooms_->shared);
  api::add_queue_routes(router, rooms_->shared, api::Side::Socket);
  api::add_letter_routes(router, rooms_->shared, api::Side::Socket);
  api::add_replay_routes(router, rooms_->shared, api::Side::Socket);
}
void Api::add_health_routes(Router& router) { api::add_health_routes(router, rooms_->shared); }

}  // namespace waypost
