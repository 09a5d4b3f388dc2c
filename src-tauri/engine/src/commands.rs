//! What the window may ask of the engine. One method here is one command of the shell and one function of
//! the UI's `Backend`; names differ only in case.
//!
//! | method | answers |
//! |---|---|
//! | `saved_sign_in()` | [`SavedSignIn`](crate::model::SavedSignIn) or nothing |
//! | `sign_in(SignIn)` | [`Account`](crate::model::Account); error codes of the sign-in form |
//! | `resume()` | `Account` from the store at once (first paint), connecting with the keyring's password behind it; or nothing |
//! | `sign_out()` | nothing; forgets the password |
//! | `change_password(current, password)` | nothing; `current` is left out when the server wants the change |
//! | `reconnect_now()` | nothing |
//! | `connection()` | [`ConnectionState`](crate::model::ConnectionState) |
//! | `test_connection(server, domain_login)` | steps, one by one over a channel: [`ConnectionTestStep`](crate::model::ConnectionTestStep) |
//! | `organization(channel)` | [`TreeBatch`](crate::model::TreeBatch)es, 500 rows each |
//! | `search_people(text, limit)` | [`PersonHit`](crate::model::PersonHit)s, best first |
//! | `person_card(person)` | [`PersonCard`](crate::model::PersonCard) |
//! | `avatar(person)` | picture bytes and media type, or nothing |
//! | `system_picture(system, hash)` | picture bytes and media type, or nothing |
//! | `watch_presence(departments, people)` | nothing; replaces what was watched before |
//! | `set_own_presence(availability, status)` | nothing |
//! | `conversations()` | [`ConversationSummary`](crate::model::ConversationSummary)s, newest first |
//! | `open_conversation(peer, around)` | [`ConversationPage`](crate::model::ConversationPage), at the first unread or around a message id |
//! | `older_messages(peer, before, limit)` / `newer_messages(peer, after, limit)` | `ConversationPage` |
//! | `send_message(peer, text, wish)` | [`Message`](crate::model::Message), queued and durable when the call returns |
//! | `retry_message(id)` / `delete_message(id)` | nothing |
//! | `notices(peer, filter, before, limit)` | [`NoticePage`](crate::model::NoticePage), the newest first; `peer` is empty for all systems |
//! | `notices_seen(ids)` | nothing |
//! | `choose(message, action, values)` | nothing; queued and durable when the call returns |
//! | `notice_timeline(message)` | [`NoticeStep`](crate::model::NoticeStep)s, in their order, asked of the server; `ConnectionLost` without a line |
//! | `mark_done(message, done)` | nothing; queued and durable when the call returns |
//! | `mark_read(peer, through)` | nothing |
//! | `set_typing(peer, typing)` | nothing |
//! | `set_draft(peer, text)` | nothing |
//! | `pin_conversation(peer, pinned)` / `close_conversation(peer)` | nothing |
//! | `gateway_status()` | [`GatewayStatus`](crate::model::GatewayStatus), for administrators of the gateway |
//! | `settings()` / `save_settings(Settings)` | [`Settings`](crate::model::Settings) |
//! | `query_contact()` | [`QueryContact`](crate::model::QueryContact) or nothing; `GatewayAway` when it cannot be asked now |
//! | `business_systems()` | [`BusinessSystem`](crate::model::BusinessSystem)s |
//! | `memory_use()` | [`MemoryUse`](crate::model::MemoryUse) |
//! | `answer_proof(id, password)` | nothing; `password` is left out when the person does not want to |
//!
//! Tabs of business systems belong to the shell, which asks for `enter(system, path)`; the page hears of them by
//! [`BusinessTabEvent`](crate::model::BusinessTabEvent)s.
