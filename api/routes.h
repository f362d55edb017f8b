// The resources of the Api, one function a family, one file each. Called once, at start.

#pragma once

#include "api/door.h"
#include "api/shared.h"

namespace waypost::api {

void add_session_routes(Router& router, Shared& shared);
void add_token_routes(Router& router, Shared& shared);
void add_workspace_routes(Router& router, Shared& shared);
void add_contact_routes(Router& router, Shared& shared);
void add_conversation_routes(Router& router, Shared& shared);
void add_message_routes(Router& router, Shared& shared);
void add_one_message_routes(Router& router, Shared& shared);
void add_send_routes(Router& router, Shared& shared);
void add_mark_routes(Router& router, Shared& shared);
void add_media_routes(Router& router, Shared& shared);
void add_upload_routes(Router& router, Shared& shared);
void add_workflow_routes(Router& router, Shared& shared);
void add_workflow_test_routes(Router& router, Shared& shared);
void add_workflow_version_routes(Router& router, Shared& shared);
void add_workflow_exchange_routes(Router& router, Shared& shared);
void add_trigger_routes(Router& router, Shared& shared);
void add_run_routes(Router& router, Shared& shared);
void add_run_action_routes(Router& router, Shared& shared);
void add_credential_routes(Router& router, Shared& shared);
void add_template_routes(Router& router, Shared& shared);
void add_template_write_routes(Router& router, Shared& shared);
void add_broadcast_routes(Router& router, Shared& shared);
void add_broadcast_action_routes(Router& router, Shared& shared);
void add_broadcast_recipient_routes(Router& router, Shared& shared);
void add_group_routes(Router& router, Shared& shared);
void add_channel_routes(Router& router, Shared& shared);
void add_channel_health_routes(Router& router, Shared& shared);
void add_pricing_routes(Router& router, Shared& shared);
void add_event_routes(Router& router, Shared& shared);

// Below /admin on the admin unix socket, below /api/admin on the public listener.
void add_queue_routes(Router& router, Shared& shared, Side side);
void add_letter_routes(Router& router, Shared& shared, Side side);
void add_replay_routes(Router& router, Shared& shared, Side side);
// On the admin unix socket only.
void add_admin_routes(Router& router, Shared& shared);
void add_move_routes(Router& router, Shared& shared);
void add_doctor_routes(Router& router, Shared& shared);
// On the admin listener.
void add_health_routes(Router& router, Shared& shared);

}  // namespace waypost::api
