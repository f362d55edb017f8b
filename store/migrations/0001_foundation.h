// Migration 1: the tables of the main job. In the words of sql/dialect.h; docs/architecture.md says who writes what.

#pragma once

#include <string_view>

namespace waypost::store {

inline constexpr std::string_view kFoundation = R"sql(

-- Installation and access ---------------------------------------------------------------------------------------

CREATE TABLE tenant (                     -- a workspace
  id {uuid} PRIMARY KEY,
  name {text} NOT NULL,
  fallback_template {json},               -- name, language, parameters; null: none
  settings {json} NOT NULL,
  created_at {bigint} NOT NULL,
  updated_at {bigint} NOT NULL
) {table};

CREATE TABLE person (
  id {uuid} PRIMARY KEY,
  email {text} NOT NULL UNIQUE,           -- lower case
  name {text} NOT NULL,
  password_hash {text} NOT NULL,
  installation_admin {boolean} NOT NULL,
  created_at {bigint} NOT NULL,
  updated_at {bigint} NOT NULL
) {table};

CREATE TABLE membership (
  tenant_id {uuid} NOT NULL,
  user_id {uuid} NOT NULL,
  role {text} NOT NULL,                   -- admin | agent
  created_at {bigint} NOT NULL,
  PRIMARY KEY (tenant_id, user_id)
) {table};
CREATE INDEX membership_of_user ON membership (user_id, tenant_id);

CREATE TABLE session (
  token_hash {bytes} PRIMARY KEY,         -- SHA-256 of the cookie's value
  id {uuid} NOT NULL,                     -- the sign-in; successors of a token share it
  user_id {uuid} NOT NULL,
  created_at {bigint} NOT NULL,
  refreshed_at {bigint} NOT NULL,
  expires_at {bigint} NOT NULL
) {table};
CREATE INDEX session_of_user ON session (user_id, id);

CREATE TABLE api_token (
  tenant_id {uuid} NOT NULL,
  id {uuid} NOT NULL,
  name {text} NOT NULL,
  role {text} NOT NULL,
  token_hash {bytes} NOT NULL UNIQUE,     -- SHA-256 of the token
  requests_per_minute {bigint} NOT NULL,
  created_by {uuid},
  created_at {bigint} NOT NULL,
  last_used_at {bigint},
  revoked_at {bigint},
  PRIMARY KEY (tenant_id, id)
) {table};

CREATE TABLE sign_in_lock (
  key {bytes} PRIMARY KEY,                -- SHA-256 of email and address
  failures {bigint} NOT NULL,
  locked_until {bigint},
  updated_at {bigint} NOT NULL
) {table};
CREATE INDEX sign_in_lock_by_time ON sign_in_lock (updated_at);

CREATE TABLE webhook_app (                -- one Meta app
  name {text} PRIMARY KEY,                -- the last segment of the webhook's path; "default" without one
  verify_token {text} NOT NULL,           -- sealed
  secret {text} NOT NULL,                 -- sealed
  previous_secret {text},                 -- sealed; valid too while a secret is rotated
  created_at {bigint} NOT NULL,
  updated_at {bigint} NOT NULL
) {table};

CREATE TABLE channel (                    -- a business phone number
  tenant_id {uuid} NOT NULL,
  id {uuid} NOT NULL,
  name {text} NOT NULL,
  app {text} NOT NULL,
  phone_number_id {text} NOT NULL UNIQUE,
  waba_id {text} NOT NULL,
  display_phone_number {text} NOT NULL,
  access_token {text} NOT NULL,           -- sealed
  state {text} NOT NULL,                  -- active | paused | needs_token | blocked | restricted
  state_words {text},
  state_code {bigint},                    -- Meta's, of blocked and restricted
  look_at {bigint},                       -- nothing goes before; blocked, restricted: then one send tries
  probed_at {bigint},                     -- that try was accepted; nothing was said against it yet
  templates_synced_at {bigint},
  standing {json} NOT NULL,               -- what Meta last said of number and account, by key
  created_at {bigint} NOT NULL,
  updated_at {bigint} NOT NULL,
  PRIMARY KEY (tenant_id, id)
) {table};

CREATE TABLE channel_health (             -- what the last look at a channel showed
  tenant_id {uuid} NOT NULL,
  channel_id {uuid} NOT NULL,
  status {text} NOT NULL,                 -- good | warning | bad | unknown: of its worst check
  report {json} NOT NULL,                 -- conversation/channel_health.h
  checked_at {bigint} NOT NULL,
  changed_at {bigint} NOT NULL,           -- since when it is as it is
  PRIMARY KEY (tenant_id, channel_id)
) {table};

CREATE TABLE lease (                      -- CAS leases of single jobs; never deleted
  name {text} PRIMARY KEY,
  holder {text} NOT NULL,                 -- the node and something random of its process; empty: released
  version {bigint} NOT NULL,              -- moves with every change: the fencing token
  expires_at {bigint} NOT NULL            -- for people: clocks of several nodes decide nothing
) {table};

CREATE TABLE node (                       -- the daemons on this store
  name {text} PRIMARY KEY,                -- of the settings
  incarnation {uuid} NOT NULL,            -- of the process
  roles {text} NOT NULL,                  -- "webhook worker sender api"
  release {text} NOT NULL,
  journal_id {uuid},                      -- null: it takes no webhooks
  started_at {bigint} NOT NULL,
  seen_at {bigint} NOT NULL,              -- its last heartbeat, by its own clock
  stopped_at {bigint}                     -- null: it did not say that it stops
) {table};

CREATE TABLE counter (                    -- totals, in slots so that lanes do not meet; summed on read
  tenant_id {uuid} NOT NULL,
  kind {text} NOT NULL,
  lane {bigint} NOT NULL,
  n {bigint} NOT NULL,
  PRIMARY KEY (tenant_id, kind, lane)
) {table};

-- Contacts, conversations, messages -------------------------------------------------------------------------------

CREATE TABLE contact (
  tenant_id {uuid} NOT NULL,
  id {uuid} NOT NULL,
  name {text},                            -- given by people; wins over the profile's
  book_name {text},                       -- in the address book of the WhatsApp Business app
  book_said_at {bigint},                  -- when it was said, Meta's time
  profile_name {text},                    -- WhatsApp's; of a group its subject
  username {text},                        -- display only, never a key
  phone {text},                           -- digits
  user_id {text},                         -- the newest BSUID
  group_id {text},                        -- it is a group, not a person
  language {text},
  opted_out {boolean} NOT NULL,
  opt_said_at {bigint},                   -- when they or a person said so last: Meta's time, or ours
  marketing_stopped {boolean} NOT NULL,
  marketing_said_at {bigint},             -- when they said so to WhatsApp, Meta's time
  embargo_until {bigint},                 -- no marketing before: Meta refused one (131049)
  fields {json} NOT NULL,
  tags {json} NOT NULL,
  merged_into {uuid},
  created_at {bigint} NOT NULL,
  updated_at {bigint} NOT NULL,
  PRIMARY KEY (tenant_id, id)
) {table};
CREATE INDEX contact_by_time ON contact (tenant_id, created_at, id) WHERE merged_into IS NULL;
CREATE INDEX contact_merged ON contact (tenant_id, merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE contact_alias (
  tenant_id {uuid} NOT NULL,
  kind {text} NOT NULL,                   -- bsuid | parent_bsuid | phone (digits: a wa_id or a phone number) | group
  value {text} NOT NULL,
  contact_id {uuid} NOT NULL,
  created_at {bigint} NOT NULL,
  PRIMARY KEY (tenant_id, kind, value)
) {table};
CREATE INDEX contact_alias_of ON contact_alias (tenant_id, contact_id);

CREATE TABLE conversation (               -- one a contact and channel
  tenant_id {uuid} NOT NULL,
  id {uuid} NOT NULL,
  channel_id {uuid} NOT NULL,
  contact_id {uuid} NOT NULL,
  status {text} NOT NULL,                 -- open | handoff | closed
  assigned_to {uuid},
  next_seq {bigint} NOT NULL,             -- the next message's sequence
  last_message_at {bigint} NOT NULL,
  last_message_text {text},
  last_inbound_at {bigint},               -- Meta's time
  window_opened_at {bigint},              -- since when it has been open without a break
  window_expires_at {bigint},             -- null: never opened
  window_look_at {bigint},                -- when to look whether it ends soon; null: that was told, or it is over
  window_version {bigint} NOT NULL,       -- moves with every change of the window or the claim
  claim_message_id {uuid},                -- the fallback template on its way (the claim)
  claimed_at {bigint},
  may_hold {boolean} NOT NULL,            -- a message of it may be held: when the customer writes, look
  automation_paused_until {bigint},       -- messages before it start no run: a person is at it elsewhere
  thread_owner {text},                    -- another app owns the conversation; null: we do
  thread_said_at {bigint},                -- Meta's time of the last word on that
  referral {json},                        -- the ad the customer came from last, as Meta says
  referral_at {bigint},                   -- Meta's time of that
  fields {json} NOT NULL,
  merged_into {uuid},
  created_at {bigint} NOT NULL,
  updated_at {bigint} NOT NULL,
  PRIMARY KEY (tenant_id, id)
) {table};
CREATE UNIQUE INDEX conversation_of ON conversation (tenant_id, contact_id, channel_id) WHERE merged_into IS NULL;
CREATE INDEX conversation_by_time ON conversation (tenant_id, last_message_at, id) WHERE merged_into IS NULL;
CREATE INDEX conversation_look ON conversation (window_look_at) WHERE window_look_at IS NOT NULL;

CREATE TABLE free_entry (                 -- conversations that came from ads; conversation/free_entry_point.h
  tenant_id {uuid} NOT NULL,
  conversation_id {uuid} NOT NULL,
  kind {text} NOT NULL,                   -- referral: a message from an ad | word: a status said that it was free
  happened_at {bigint} NOT NULL,          -- Meta's time
  ends_at {bigint},                       -- of a word: when the window ends, where it said so
  PRIMARY KEY (tenant_id, conversation_id, kind, happened_at)
) {table};

CREATE TABLE message (
  tenant_id {uuid} NOT NULL,
  id {uuid} NOT NULL,
  conversation_id {uuid} NOT NULL,
  seq {bigint} NOT NULL,
  channel_id {uuid} NOT NULL,
  contact_id {uuid} NOT NULL,
  direction {text} NOT NULL,              -- in | out
  type {text} NOT NULL,                   -- Meta's word: text, image, template …
  text {text},                            -- plain rendering
  content {text} NOT NULL,                -- JSON as written; in: as Meta sent it, out: the part behind its type
  state {text} NOT NULL,                  -- conversation/message_state.h
  wamid {text},
  happened_at {bigint} NOT NULL,          -- in: Meta's time; out: when it was queued
  reply_to {text},                        -- wamid it answers
  author {text} NOT NULL,                 -- contact | user | api | workflow | broadcast | fallback | opt_out | app
  via {text},                             -- echo | history | standby; null: it was written to us, or by us
  participant_id {uuid},                  -- of a group's conversation: who wrote it
  author_id {uuid},                       -- the person
  stream {text},                          -- out: reply | bulk
  policy {text},                          -- out: own window policy
  run_id {uuid},
  node_id {text},
  broadcast_id {uuid},
  external_id {text},                     -- a bridge's own id, unique in its channel
  part_of {uuid},                         -- of a text in several parts, behind the first: the first one
  due_at {bigint},                        -- out, not final: when someone must look at it next
  expires_at {bigint},                    -- out: its validity
  attempt {bigint} NOT NULL,              -- POSTs begun
  failures {bigint} NOT NULL,             -- refusals that may be retried, in a row
  attempt_at {bigint},
  replaces {uuid},
  replaced_by {uuid},
  failure_reason {text},
  failure_code {bigint},                  -- Meta's
  failure_words {text},
  exchange {json},                        -- redacted trace of the last exchange with the Graph API
  pricing {json},                         -- what Meta bills: type, category, model, and when it said so
  heard {json},                           -- out: when each status came to us first, ms, by its word
  received_at {bigint},                   -- in: when its webhook was journalled
  journal_id {uuid},                      -- in: where
  accepted_at {bigint},
  sent_at {bigint},
  delivered_at {bigint},
  read_at {bigint},
  failed_at {bigint},
  created_at {bigint} NOT NULL,
  updated_at {bigint} NOT NULL,
  PRIMARY KEY (tenant_id, id)
) {heap};
CREATE INDEX message_by_time ON message (tenant_id, conversation_id, happened_at, seq);
CREATE UNIQUE INDEX message_by_wamid ON message (tenant_id, channel_id, wamid) WHERE direction = 'out' AND wamid IS NOT NULL;
CREATE UNIQUE INDEX message_by_external ON message (tenant_id, channel_id, external_id)
  WHERE direction = 'out' AND external_id IS NOT NULL;
-- Without IN: SQLite makes a table of a list for each row that an index is asked about.
CREATE INDEX message_pending ON message (tenant_id, conversation_id, stream, seq)
  WHERE state = 'queued' OR state = 'sending' OR state = 'unknown' OR state = 'held';
CREATE INDEX message_held ON message (tenant_id, conversation_id, seq) WHERE state = 'held';
CREATE INDEX message_due ON message (due_at)
  WHERE state = 'queued' OR state = 'sending' OR state = 'unknown' OR state = 'held';
CREATE INDEX message_ahead ON message (tenant_id, channel_id, broadcast_id)
  WHERE broadcast_id IS NOT NULL AND stream = 'bulk' AND
    (state = 'queued' OR state = 'sending' OR state = 'unknown' OR state = 'held');
CREATE INDEX message_unbilled ON message (tenant_id, channel_id, created_at)
  WHERE broadcast_id IS NOT NULL AND pricing IS NULL AND
    (state = 'queued' OR state = 'sending' OR state = 'unknown' OR state = 'held' OR state = 'accepted' OR state = 'sent');
CREATE INDEX message_of_participant ON message (tenant_id, participant_id) WHERE participant_id IS NOT NULL;
CREATE INDEX message_placeholder ON message (tenant_id, channel_id, wamid) WHERE type = 'media_placeholder';
CREATE INDEX message_part ON message (tenant_id, part_of, seq) WHERE part_of IS NOT NULL;
CREATE UNIQUE INDEX message_one_sending ON message (tenant_id, conversation_id, stream) WHERE state = 'sending';

CREATE TABLE message_exchange (           -- the exchanges of attempts before the last, whose trace stands with the message
  tenant_id {uuid} NOT NULL,
  message_id {uuid} NOT NULL,
  attempt {bigint} NOT NULL,
  started_at {bigint} NOT NULL,
  ended_at {bigint} NOT NULL,
  exchange {json} NOT NULL,               -- redacted
  PRIMARY KEY (tenant_id, message_id, attempt)
) {heap};
CREATE TABLE idempotency_key (            -- sends over the API that are answered alike when they come again
  tenant_id {uuid} NOT NULL,
  key {text} NOT NULL,                    -- the caller's
  request_hash {bytes} NOT NULL,          -- SHA-256 of the path and the parsed body
  conversation_id {uuid},                 -- with which the answer goes; null: being made
  status {bigint} NOT NULL,
  answer {text} NOT NULL,                 -- the body, JSON as written
  created_at {bigint} NOT NULL,
  PRIMARY KEY (tenant_id, key)
) {table};
CREATE INDEX idempotency_key_by_time ON idempotency_key (created_at);
CREATE INDEX idempotency_key_of ON idempotency_key (tenant_id, conversation_id) WHERE conversation_id IS NOT NULL;

CREATE TABLE seen_message (               -- law 2: outlives the message
  hash {uuid} PRIMARY KEY,                -- 128 bits of SHA-256 over tenant, number and wamid
  day {bigint} NOT NULL                   -- days since 1970, for retention
) {table};

CREATE TABLE message_recipient (          -- of a message to a group: how far it came with each participant
  tenant_id {uuid} NOT NULL,
  message_id {uuid} NOT NULL,
  participant {text} NOT NULL,            -- as Meta names it: a BSUID, or digits
  state {text} NOT NULL,                  -- accepted | sent | delivered | read | played | failed
  sent_at {bigint},
  delivered_at {bigint},
  read_at {bigint},
  failed_at {bigint},
  failure_code {bigint},
  pricing {json},
  PRIMARY KEY (tenant_id, message_id, participant)
) {heap};

CREATE INDEX message_recipient_of ON message_recipient (tenant_id, participant);

CREATE TABLE pricing_day (                -- messages by what Meta bills, per day and number, in slots like counters
  tenant_id {uuid} NOT NULL,
  channel_id {uuid} NOT NULL,
  day {bigint} NOT NULL,                  -- days since 1970, of the workspace's time zone
  market {text} NOT NULL,                 -- conversation/market.h
  category {text} NOT NULL,               -- marketing, utility, service …; "" where Meta names none
  type {text} NOT NULL,                   -- regular, free_customer_service, free_entry_point …
  model {text} NOT NULL,                  -- PMP | CBP
  lane {bigint} NOT NULL,
  n {bigint} NOT NULL,
  PRIMARY KEY (tenant_id, channel_id, day, market, category, type, model, lane)
) {table};

CREATE TABLE rate (                       -- what a message costs: conversation/rates.h
  tenant_id {uuid} NOT NULL,
  market {text} NOT NULL,                 -- a calling code, or *
  category {text} NOT NULL,
  since {bigint} NOT NULL,                -- the first day
  currency {text} NOT NULL,
  micros {bigint} NOT NULL,               -- of the currency's unit
  PRIMARY KEY (tenant_id, market, category, since)
) {table};

CREATE TABLE budget (                     -- what a channel may cost in a month: conversation/budget.h
  tenant_id {uuid} NOT NULL,
  channel_id {uuid} NOT NULL,
  currency {text} NOT NULL,
  micros {bigint} NOT NULL,
  alert_at {bigint} NOT NULL,             -- percent
  stops {boolean} NOT NULL,               -- broadcasts pause when it is spent
  told_month {bigint},                    -- the first day of the month whose alert was told
  updated_at {bigint} NOT NULL,
  PRIMARY KEY (tenant_id, channel_id)
) {table};

CREATE TABLE portfolio_reach (            -- whom a business reached outside their windows, by what; store/portfolio.h
  tenant_id {uuid} NOT NULL,
  contact_id {uuid} NOT NULL,
  waba_id {text} NOT NULL,                -- the account it went from
  message_id {uuid} NOT NULL,
  hour {bigint} NOT NULL,                 -- of the attempt, hours since 1970
  PRIMARY KEY (tenant_id, contact_id, waba_id, message_id)
) {table};
CREATE INDEX portfolio_reach_by_hour ON portfolio_reach (hour);

CREATE TABLE portfolio_hour (             -- how many people by the hour of their last time, in slots like counters
  waba_id {text} NOT NULL,
  hour {bigint} NOT NULL,
  lane {bigint} NOT NULL,
  n {bigint} NOT NULL,
  PRIMARY KEY (waba_id, hour, lane)
) {table};

CREATE TABLE portfolio_account (          -- which portfolio owns an account, where Meta has said it
  waba_id {text} PRIMARY KEY,
  portfolio {text} NOT NULL,              -- Meta's id of the business
  said_at {bigint} NOT NULL
) {table};
CREATE INDEX portfolio_account_of ON portfolio_account (portfolio);

CREATE TABLE chat_group (                 -- a group on WhatsApp: what Meta says of it
  tenant_id {uuid} NOT NULL,
  group_id {text} NOT NULL,               -- Meta's
  channel_id {uuid} NOT NULL,
  contact_id {uuid} NOT NULL,             -- that stands for it
  state {text} NOT NULL,                  -- active | suspended | deleted
  subject {text},
  description {text},
  invite_link {text},
  said {json} NOT NULL,                   -- Meta's time, ms, of the last news by part
  created_at {bigint} NOT NULL,
  updated_at {bigint} NOT NULL,
  PRIMARY KEY (tenant_id, group_id)
) {heap};
CREATE INDEX chat_group_of ON chat_group (tenant_id, contact_id);

CREATE TABLE group_participant (
  tenant_id {uuid} NOT NULL,
  group_id {text} NOT NULL,
  contact_id {uuid} NOT NULL,
  is_in {boolean} NOT NULL,
  said_at {bigint} NOT NULL,              -- Meta's time
  PRIMARY KEY (tenant_id, group_id, contact_id)
) {table};
CREATE INDEX group_participant_of ON group_participant (tenant_id, contact_id);

CREATE TABLE phone_call (                 -- a call with a customer, as Meta tells it
  tenant_id {uuid} NOT NULL,
  channel_id {uuid} NOT NULL,
  call_id {text} NOT NULL,                -- "wacid…"
  conversation_id {uuid},                 -- null: it has not connected (yet)
  direction {text} NOT NULL,              -- in | out; "" while it is not known
  state {text} NOT NULL,                  -- connecting | ringing | rejected | accepted | ended; "" while it has none
  outcome {text},                         -- of an ended one: completed | failed
  started_at {bigint},
  ended_at {bigint},
  duration_s {bigint},
  said {json} NOT NULL,                   -- Meta's time, ms, of each word
  created_at {bigint} NOT NULL,
  updated_at {bigint} NOT NULL,
  PRIMARY KEY (tenant_id, channel_id, call_id)
) {heap};
CREATE INDEX phone_call_by_time ON phone_call (created_at);
CREATE INDEX phone_call_of ON phone_call (tenant_id, conversation_id) WHERE conversation_id IS NOT NULL;

CREATE TABLE seen_horizon (               -- one row, once something was forgotten
  name {text} PRIMARY KEY,                -- seen_message
  day {bigint} NOT NULL                   -- what was seen on the days before it is forgotten
) {table};

CREATE TABLE message_mark (               -- what later messages say about one, which may come behind them
  tenant_id {uuid} NOT NULL,
  channel_id {uuid} NOT NULL,
  wamid {text} NOT NULL,                  -- of the message spoken of
  kind {text} NOT NULL,                   -- reaction | edit | revoke
  author {text} NOT NULL,                 -- contact | business | a participant's id: the last word of each stands
  conversation_id {uuid} NOT NULL,
  text {text},                            -- the emoji (null: taken back), or the new text
  happened_at {bigint} NOT NULL,          -- Meta's time
  PRIMARY KEY (tenant_id, channel_id, wamid, kind, author)
) {heap};
CREATE INDEX message_mark_of ON message_mark (tenant_id, conversation_id);

CREATE TABLE parked_status (              -- of messages whose wamid we do not know (yet)
  tenant_id {uuid} NOT NULL,
  channel_id {uuid} NOT NULL,
  wamid {text} NOT NULL,
  status {text} NOT NULL,
  participant {text} NOT NULL,            -- of a group, as Meta names it; "" for none
  happened_at {bigint} NOT NULL,
  payload {json} NOT NULL,
  expires_at {bigint} NOT NULL,
  PRIMARY KEY (tenant_id, channel_id, wamid, status, participant)
) {heap};
CREATE INDEX parked_status_end ON parked_status (expires_at);

-- Media: what goes and comes beside words ------------------------------------------------------------------------------

CREATE TABLE media (                      -- the file of an inbound message
  tenant_id {uuid} NOT NULL,
  id {uuid} NOT NULL,
  message_id {uuid} NOT NULL,
  conversation_id {uuid} NOT NULL,
  channel_id {uuid} NOT NULL,
  kind {text} NOT NULL,                   -- image | video | audio | document | sticker
  meta_id {text},                         -- good for seven days
  url {text},                             -- Meta's, good for five minutes; null: not any more
  said_type {text} NOT NULL,              -- the sender's words: type, hash, name
  said_hash {bytes},
  file_name {text},
  voice {boolean} NOT NULL,
  animated {boolean} NOT NULL,
  state {text} NOT NULL,                  -- pending | stored | unavailable
  reason {text},                          -- unavailable: why (conversation/media.h); pending: of the last failure
  words {text},
  attempts {bigint} NOT NULL,             -- fetches begun
  failures {bigint} NOT NULL,             -- fetches that ended without it
  due_at {bigint},                        -- pending: when to fetch it
  size {bigint},                          -- stored: what there is
  mime_type {text},                       -- by its bytes
  hash {bytes},                           -- SHA-256: names the file
  created_at {bigint} NOT NULL,
  settled_at {bigint},
  PRIMARY KEY (tenant_id, id)
) {heap};
CREATE UNIQUE INDEX media_of_message ON media (tenant_id, message_id);
CREATE INDEX media_pending ON media (tenant_id, conversation_id, due_at, id) WHERE state = 'pending';
CREATE INDEX media_due ON media (due_at, id) WHERE state = 'pending';
CREATE INDEX media_by_time ON media (tenant_id, created_at, id);
CREATE INDEX media_of_conversation ON media (tenant_id, conversation_id);
CREATE INDEX media_by_hash ON media (hash) WHERE state = 'stored';

CREATE TABLE upload (                     -- a file that the workspace brought, to be sent
  tenant_id {uuid} NOT NULL,
  id {uuid} NOT NULL,
  kind {text} NOT NULL,                   -- image | video | audio | document | sticker
  mime_type {text} NOT NULL,              -- by its bytes
  size {bigint} NOT NULL,
  hash {bytes} NOT NULL,                  -- SHA-256: names the file
  file_name {text},
  used_at {bigint} NOT NULL,              -- when it came, or a message was last made of it
  created_at {bigint} NOT NULL,
  PRIMARY KEY (tenant_id, id)
) {table};
CREATE INDEX upload_by_use ON upload (tenant_id, used_at, id);
CREATE INDEX upload_by_hash ON upload (hash);

CREATE TABLE file_at_meta (               -- which number's uploads Meta has, by their content
  tenant_id {uuid} NOT NULL,
  channel_id {uuid} NOT NULL,
  hash {bytes} NOT NULL,
  mime_type {text} NOT NULL,
  meta_id {text} NOT NULL,
  uploaded_at {bigint} NOT NULL,
  expires_at {bigint} NOT NULL,           -- not used any more: some time before Meta forgets it
  PRIMARY KEY (tenant_id, channel_id, hash, mime_type)
) {table};
CREATE INDEX file_at_meta_end ON file_at_meta (expires_at);
CREATE INDEX file_at_meta_of ON file_at_meta (tenant_id, hash);

CREATE TABLE media_file (                 -- files of the folder, of the whole installation: equal ones lie there once
  hash {bytes} PRIMARY KEY,
  left_at {bigint},                       -- when a row that named it went, or somebody began to name it; null: named
  deleting {boolean} NOT NULL             -- nobody names it, and it goes: no row may name it until this one is gone
) {table};
CREATE INDEX media_file_left ON media_file (left_at, hash) WHERE left_at IS NOT NULL;

-- Workflows ---------------------------------------------------------------------------------------------------------

CREATE TABLE run_trigger (                -- an inbound message that no run has taken yet: pending work
  tenant_id {uuid} NOT NULL,
  conversation_id {uuid} NOT NULL,
  seq {bigint} NOT NULL,
  message_id {uuid} NOT NULL,
  created_at {bigint} NOT NULL,
  PRIMARY KEY (tenant_id, conversation_id, seq)
) {table};

CREATE TABLE workflow (
  tenant_id {uuid} NOT NULL,
  id {uuid} NOT NULL,
  name {text} NOT NULL,
  draft {json} NOT NULL,
  published_version {bigint},
  last_version {bigint} NOT NULL,
  has_changes {boolean} NOT NULL,         -- the draft differs from the published version
  priority {bigint} NOT NULL,             -- higher first
  trigger {json},                         -- the published version's trigger: type and config; null: none published
  created_at {bigint} NOT NULL,
  updated_at {bigint} NOT NULL,
  deleted_at {bigint},
  PRIMARY KEY (tenant_id, id)
) {heap};
CREATE INDEX workflow_published ON workflow (tenant_id, priority DESC, created_at, id)
  WHERE published_version IS NOT NULL AND deleted_at IS NULL;

CREATE TABLE workflow_version (
  tenant_id {uuid} NOT NULL,
  workflow_id {uuid} NOT NULL,
  version {bigint} NOT NULL,
  graph {json} NOT NULL,
  published_by {uuid},
  published_at {bigint} NOT NULL,
  PRIMARY KEY (tenant_id, workflow_id, version)
) {heap};

CREATE TABLE run (
  tenant_id {uuid} NOT NULL,
  id {uuid} NOT NULL,
  workflow_id {uuid} NOT NULL,
  workflow_version {bigint} NOT NULL,
  conversation_id {uuid} NOT NULL,
  contact_id {uuid} NOT NULL,
  channel_id {uuid} NOT NULL,
  message_id {uuid},                      -- what triggered it; null: a call of the API
  status {text} NOT NULL,                 -- queued | running | waiting | completed | failed | cancelled
  position {text},                        -- the node to execute next
  state {json} NOT NULL,                  -- variables, waits
  revision {bigint} NOT NULL,             -- CAS: moves with every commit
  steps {bigint} NOT NULL,
  replay_of {uuid},
  due_at {bigint},
  error_code {text},
  error {text},
  created_at {bigint} NOT NULL,
  started_at {bigint},
  ended_at {bigint},
  updated_at {bigint} NOT NULL,
  PRIMARY KEY (tenant_id, id)
) {heap};
CREATE UNIQUE INDEX run_of_message ON run (tenant_id, message_id) WHERE replay_of IS NULL;
CREATE INDEX run_by_time ON run (tenant_id, created_at, id);
CREATE INDEX run_of_contact ON run (tenant_id, contact_id, created_at, id);
CREATE INDEX run_of_workflow ON run (tenant_id, workflow_id, created_at, id);
CREATE INDEX run_by_status ON run (tenant_id, status, created_at, id);
CREATE INDEX run_pending ON run (tenant_id, conversation_id, created_at, id)
  WHERE status = 'queued' OR status = 'running' OR status = 'waiting';
CREATE INDEX run_waiting ON run (tenant_id, conversation_id) WHERE status = 'waiting';
CREATE INDEX run_due ON run (due_at, id) WHERE ended_at IS NULL;
CREATE INDEX run_ended ON run (tenant_id, ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE step (
  tenant_id {uuid} NOT NULL,
  run_id {uuid} NOT NULL,
  number {bigint} NOT NULL,               -- from 1
  node_id {text} NOT NULL,
  node_type {text} NOT NULL,
  status {text} NOT NULL,                 -- running: a call to outside | waiting | completed | failed | cancelled
  input {json} NOT NULL,
  output {json} NOT NULL,
  usage {json},                           -- what a language model read and wrote; null: none did
  handle {text},                          -- the output taken
  error_code {text},
  error {text},
  attempt {bigint} NOT NULL,
  started_at {bigint} NOT NULL,
  ended_at {bigint},
  PRIMARY KEY (tenant_id, run_id, number)
) {heap};

CREATE TABLE node_count (                 -- what logic.rate_limit has counted
  tenant_id {uuid} NOT NULL,
  workflow_id {uuid} NOT NULL,
  node_id {text} NOT NULL,
  subject {uuid} NOT NULL,                -- the contact, or the workspace
  began_at {bigint} NOT NULL,             -- of the window that the count is of
  ends_at {bigint} NOT NULL,
  count {bigint} NOT NULL,
  PRIMARY KEY (tenant_id, subject, workflow_id, node_id)
) {table};
CREATE INDEX node_count_end ON node_count (ends_at);

CREATE TABLE credential (                 -- what the HTTP node signs in with
  tenant_id {uuid} NOT NULL,
  id {uuid} NOT NULL,
  name {text} NOT NULL,
  kind {text} NOT NULL,                   -- bearer | basic | header | query
  parameter {text},                       -- the header's or the query parameter's name, the user's of basic
  secret {bytes} NOT NULL,                -- sealed
  hosts {json} NOT NULL,                  -- where it may go; an empty list: anywhere
  created_at {bigint} NOT NULL,
  updated_at {bigint} NOT NULL,
  PRIMARY KEY (tenant_id, id)
) {table};
CREATE UNIQUE INDEX credential_name ON credential (tenant_id, name);

CREATE TABLE tenant_secret (              -- a workspace's secrets that are settings: the language model's key
  tenant_id {uuid} NOT NULL,
  name {text} NOT NULL,                   -- ai
  secret {bytes} NOT NULL,                -- sealed
  updated_at {bigint} NOT NULL,
  PRIMARY KEY (tenant_id, name)
) {table};

-- Templates and broadcasts ------------------------------------------------------------------------------------------

CREATE TABLE template (
  tenant_id {uuid} NOT NULL,
  id {uuid} NOT NULL,
  waba_id {text} NOT NULL,
  meta_id {text},
  name {text} NOT NULL,
  language {text} NOT NULL,
  category {text} NOT NULL,
  status {text} NOT NULL,
  parameter_format {text} NOT NULL,       -- POSITIONAL | NAMED
  quality {text},
  rejected_reason {text},
  components {json} NOT NULL,
  said {json} NOT NULL,                   -- Meta's time, ms, of the last news by part
  created_at {bigint} NOT NULL,
  updated_at {bigint} NOT NULL,
  synced_at {bigint} NOT NULL,
  PRIMARY KEY (tenant_id, id)
) {heap};
CREATE UNIQUE INDEX template_by_name ON template (tenant_id, waba_id, name, language);

CREATE TABLE broadcast (
  tenant_id {uuid} NOT NULL,
  id {uuid} NOT NULL,
  kind {text} NOT NULL,                   -- bulk | fallback: one recipient, made by the window's fallback
  name {text} NOT NULL,
  channel_id {uuid} NOT NULL,
  template_name {text} NOT NULL,
  template_language {text} NOT NULL,
  parameters {json} NOT NULL,             -- conversation/broadcast_content.h
  audience {json} NOT NULL,               -- store/broadcast_audience.h; recipients named one by one are rows
  status {text} NOT NULL,                 -- conversation/broadcast.h
  status_reason {text},                   -- why it is paused: a word
  status_words {text},
  scheduled_at {bigint},
  frozen_at {bigint},                     -- when freezing began: who became a contact later is not in it
  frozen_behind {uuid},                   -- the last contact that was looked at
  prepared_at {bigint},                   -- all recipients are there
  ended_at {bigint},
  created_by {uuid},
  created_at {bigint} NOT NULL,
  updated_at {bigint} NOT NULL,
  PRIMARY KEY (tenant_id, id)
) {heap};
CREATE INDEX broadcast_by_time ON broadcast (tenant_id, kind, created_at, id);
CREATE INDEX broadcast_active ON broadcast (id) WHERE status IN ('scheduled', 'preparing', 'sending');

CREATE TABLE broadcast_recipient (
  tenant_id {uuid} NOT NULL,
  broadcast_id {uuid} NOT NULL,
  contact_id {uuid} NOT NULL,
  state {text} NOT NULL,                  -- waiting | taken: what became of it its message says | excluded
  reason {text},                          -- excluded: why
  parameters {json},                      -- its own, by name; null: none
  message_id {uuid},                      -- waiting: the failed one that is to be sent again
  created_at {bigint} NOT NULL,
  updated_at {bigint} NOT NULL,
  PRIMARY KEY (tenant_id, broadcast_id, contact_id)
) {heap};
CREATE INDEX broadcast_recipient_waiting ON broadcast_recipient (tenant_id, broadcast_id, contact_id)
  WHERE state = 'waiting';
CREATE INDEX broadcast_recipient_of ON broadcast_recipient (tenant_id, contact_id);

CREATE TABLE saved_filter (               -- which contacts, by conditions: the groups of the API
  tenant_id {uuid} NOT NULL,
  id {uuid} NOT NULL,
  name {text} NOT NULL,
  filters {json} NOT NULL,                -- conversation/contact_filter.h
  created_at {bigint} NOT NULL,
  updated_at {bigint} NOT NULL,
  PRIMARY KEY (tenant_id, id)
) {heap};

-- The queue's rows --------------------------------------------------------------------------------------------------

CREATE TABLE queue_pause (                -- an operator's stop button
  tenant_id {uuid} NOT NULL,              -- nil: of the whole installation
  channel_id {uuid} NOT NULL,             -- nil: of the whole workspace
  queue {text} NOT NULL,                  -- runs | sends | media
  paused_by {text} NOT NULL,              -- a person's email; admin: by the admin socket
  reason {text} NOT NULL,
  created_at {bigint} NOT NULL,
  PRIMARY KEY (tenant_id, channel_id, queue)
) {table};

CREATE TABLE work_failure (               -- keys whose work fails, again and again, by a fault of ours
  tenant_id {uuid} NOT NULL,
  queue {text} NOT NULL,                  -- runs | sends | media
  conversation_id {uuid} NOT NULL,
  stream {text} NOT NULL,                 -- reply | bulk
  attempts {bigint} NOT NULL,             -- in a row
  words {text} NOT NULL,                  -- of the last one
  first_at {bigint} NOT NULL,
  last_at {bigint} NOT NULL,
  due_at {bigint},                        -- the next try; null: buried
  buried_at {bigint},                     -- no try by itself any more
  PRIMARY KEY (tenant_id, queue, conversation_id, stream)
) {table};
CREATE INDEX work_failure_buried ON work_failure (buried_at, tenant_id, conversation_id) WHERE buried_at IS NOT NULL;

-- Bridge, journal ---------------------------------------------------------------------------------------------------

CREATE TABLE event (
  tenant_id {uuid} NOT NULL,
  number {bigint} NOT NULL,               -- per tenant, from 1, without going back
  type {text} NOT NULL,                   -- message.received …
  conversation_id {uuid},
  payload {text} NOT NULL,                -- JSON, as written; nobody looks into it here
  created_at {bigint} NOT NULL,
  PRIMARY KEY (tenant_id, number)
) {heap};

CREATE TABLE event_pending (              -- PostgreSQL: events that have no number yet; bridge/stamper.h numbers them
  id {identity} PRIMARY KEY,
  tenant_id {uuid} NOT NULL,
  type {text} NOT NULL,
  conversation_id {uuid},
  payload {text} NOT NULL,                -- JSON, as written; nobody looks into it here
  created_at {bigint} NOT NULL
) {passing};

CREATE TABLE journal_cursor (             -- low-water marks of the applier: all up to them is applied
  journal_id {uuid} PRIMARY KEY,
  position {bigint} NOT NULL,             -- of all but statuses
  status_position {bigint} NOT NULL,      -- of statuses, which may lag
  applied_until {bigint},                 -- statuses received before are applied; null: the node ended, none waits
  updated_at {bigint} NOT NULL
) {table};

CREATE TABLE dead_letter (                -- installation-wide: what could not be read, and numbers without a channel
  id {uuid} PRIMARY KEY,
  reason {text} NOT NULL,                 -- not_json | wrong_shape | no_channel | crashed
  words {text} NOT NULL,
  app {text} NOT NULL,
  journal_id {uuid} NOT NULL,
  journal_position {bigint} NOT NULL,
  place {text} NOT NULL,                  -- "entry[0].changes[1].value.messages[3]"
  phone_number_id {text},
  raw {bytes} NOT NULL,
  received_at {bigint} NOT NULL,
  created_at {bigint} NOT NULL,
  applied_at {bigint},
  UNIQUE (journal_id, journal_position, place)
) {heap};
CREATE INDEX dead_letter_waiting ON dead_letter (phone_number_id, id) WHERE applied_at IS NULL;
CREATE INDEX dead_letter_by_reason ON dead_letter (reason, id) WHERE applied_at IS NULL;

)sql";

}  // namespace waypost::store
