// Generated from the engine's types by `cargo xtask generate-types`. Do not edit by hand.

export type Account = { 
/**
 * Bare address.
 */
person: string, 
/**
 * Display name, once the directory is known.
 */
name: string, 
/**
 * Server as typed.
 */
server: string, 
/**
 * The server has a gateway to phones.
 */
canText: boolean, };

export type Availability = "online" | "away" | "extendedAway" | "doNotDisturb" | "offline";

export type BusinessBadge = { 
/**
 * The system's name at the server.
 */
system: string, 
/**
 * Never 0.
 */
count: number, };

export type BusinessSystem = { 
/**
 * The name it has at the server, such as `oa`.
 */
id: string, 
/**
 * Display name.
 */
name: string, 
/**
 * Hash of its picture, when it has one.
 */
icon: string | null, 
/**
 * How much waits there, as the system itself says; 0 when it says nothing.
 */
badge: number, };

export type BusinessTab = { 
/**
 * Key of the tab; never used twice while the program runs.
 */
tab: number, 
/**
 * The system it was opened for.
 */
system: string, 
/**
 * The page's title; empty until it has one.
 */
title: string, 
/**
 * Where the page is, without what could be secret: scheme and host.
 */
origin: string, 
/**
 * A page is on its way.
 */
isLoading: boolean, 
/**
 * There is a page before this one.
 */
canGoBack: boolean, 
/**
 * There is a page behind this one.
 */
canGoForward: boolean, 
/**
 * Size of the page, 1 = as it is.
 */
zoom: number, 
/**
 * Why there is no page.
 */
failure: BusinessTabFailure | null, 
/**
 * It has given its memory back; whoever looks at it is signed in anew at the same place.
 */
isAsleep: boolean, 
/**
 * Its sound is off.
 */
isMuted: boolean, 
/**
 * It makes sounds, or would if they were not off.
 */
isAudible: boolean, };

export type BusinessTabEvent = { "event": "tabChanged", 
/**
 * The tab.
 */
tab: BusinessTab, 
/**
 * The tab whose page has opened it, when it is new and was not asked for by the person.
 */
opener: number | null, } | { "event": "tabClosed", 
/**
 * Its key.
 */
tab: number, } | { "event": "downloadChanged", 
/**
 * The download.
 */
download: TabDownload, } | { "event": "searched", 
/**
 * The tab.
 */
tab: number, 
/**
 * How often the text stands there; 0 when it does not, nothing when the page is new and was not searched.
 */
matches: number | null, };

export type BusinessTabFailure = "noLine" | "notAllowed" | "unreachable" | "certificate" | "crashed" | "signInFailed" | "otherSystem";

export type ConnectionState = { "state": "signedOut" } | { "state": "connecting" } | { "state": "online" } | { "state": "catchingUp" } | { "state": "waiting", 
/**
 * Seconds until the next try.
 */
retryInSeconds: number, 
/**
 * Why the last try failed: a code of [`crate::error::EngineErrorCode`].
 */
reason: EngineErrorCode, } | { "state": "stopped", 
/**
 * Why.
 */
reason: EngineErrorCode, };

export type ConnectionTestStep = { 
/**
 * `resolve`, `connect`, `tls`, `stream`, `login`, `roundTrip`.
 */
step: string, 
/**
 * Passed.
 */
passed: boolean, 
/**
 * Milliseconds it took.
 */
milliseconds: number, 
/**
 * Fact to show: an address, a protocol version, a fingerprint.
 */
detail: string, 
/**
 * Why it failed.
 */
failure: EngineErrorCode | null, };

export type ConversationPage = { 
/**
 * Bare address of the other side.
 */
peer: string, 
/**
 * Messages.
 */
messages: Array<Message>, 
/**
 * More messages lie before the first.
 */
hasOlder: boolean, 
/**
 * Messages lie behind the last (a page opened at a search hit or notification).
 */
hasNewer: boolean, 
/**
 * First unread message, when there is one: the divider stands above it.
 */
firstUnread: number | null, };

export type ConversationSummary = { 
/**
 * Bare address of the other side.
 */
peer: string, 
/**
 * Display name.
 */
name: string, 
/**
 * Last message, one line.
 */
preview: string, 
/**
 * Whether the last message is ours.
 */
previewIsOwn: boolean, 
/**
 * Time of the last message, milliseconds since 1970 UTC.
 */
time: number, 
/**
 * Unread messages.
 */
unread: number, 
/**
 * Kept at the top.
 */
pinned: boolean, 
/**
 * Text not sent yet.
 */
draft: string | null, 
/**
 * Short name of the business system that the other side is, when it is one.
 */
system: string | null, 
/**
 * Hash of that system's picture, when it has one.
 */
icon: string | null, };

export type DeliveryWish = "client" | "phone" | "clientElsePhone" | "both";

export type Department = { 
/**
 * Stable id.
 */
id: string, 
/**
 * Id of the department above; `None` at the top.
 */
parent: string | null, 
/**
 * Display name.
 */
name: string, 
/**
 * Position among its siblings, counted from 0.
 */
position: number, };

export type DepartmentCount = { 
/**
 * Department id.
 */
department: string, 
/**
 * Signed in.
 */
online: number, 
/**
 * All.
 */
total: number, };

export type EngineError = { 
/**
 * What the window branches on.
 */
code: EngineErrorCode, 
/**
 * A fact to show beside the sentence (a fingerprint, a host); never a sentence itself.
 */
detail: string, };

export type EngineErrorCode = "serverNotFound" | "serverUnreachable" | "notAnXmppServer" | "certificateUnknownAuthority" | "certificateExpired" | "certificateWrongHost" | "certificateChanged" | "tlsFailed" | "notAuthorized" | "lockedOut" | "accountDisabled" | "noSafeLogin" | "bindingGone" | "serverNotAuthentic" | "replaced" | "connectionLost" | "timedOut" | "noPassword" | "notSignedIn" | "notFound" | "forbidden" | "textingNotAllowed" | "noPhone" | "gatewayAway" | "badInput" | "weakPassword" | "storeFailed" | "internal";

export type EngineEvent = { "event": "connectionChanged", 
/**
 * New state.
 */
connection: ConnectionState, } | { "event": "accountChanged", 
/**
 * `None` after signing out.
 */
account: Account | null, } | { "event": "passwordMustChange" } | { "event": "proofWanted", 
/**
 * Names the question.
 */
id: string, 
/**
 * Name of the system.
 */
system: string, 
/**
 * Name of the person.
 */
person: string, 
/**
 * Stands on the system's page, too.
 */
number: number, 
/**
 * Seconds until it is too late.
 */
seconds: number, } | { "event": "badgesChanged", 
/**
 * Systems that are not here say nothing.
 */
badges: Array<BusinessBadge>, } | { "event": "organizationChanged" } | { "event": "presenceChanged", 
/**
 * People.
 */
people: Array<PersonPresence>, 
/**
 * Departments.
 */
counts: Array<DepartmentCount>, } | { "event": "conversationChanged", 
/**
 * The row.
 */
conversation: ConversationSummary, } | { "event": "conversationClosed", 
/**
 * Bare address of the other side.
 */
peer: string, } | { "event": "messageAdded", 
/**
 * The message.
 */
message: Message, } | { "event": "messageChanged", 
/**
 * The message.
 */
message: Message, } | { "event": "messageRemoved", 
/**
 * Bare address of the other side.
 */
peer: string, 
/**
 * Its key.
 */
id: number, } | { "event": "typingChanged", 
/**
 * Bare address of the other side.
 */
peer: string, 
/**
 * Is typing.
 */
typing: boolean, } | { "event": "unreadChanged", 
/**
 * Sum.
 */
total: number, } | { "event": "notify", 
/**
 * Bare address of the other side.
 */
peer: string, 
/**
 * Display name.
 */
name: string, 
/**
 * Text, already cut to one line.
 */
text: string, 
/**
 * The message to open.
 */
message: number, } | { "event": "withdrawNotifications", 
/**
 * Bare address of the other side.
 */
peer: string, };

export type GatewayStatus = { 
/**
 * Texts that are not sent yet.
 */
waiting: number, 
/**
 * Texts that came from phones today.
 */
received: number, 
/**
 * What today's texts cost.
 */
cost: string, 
/**
 * In which money.
 */
currency: string, 
/**
 * Modems and lines.
 */
ways: Array<GatewayWay>, 
/**
 * Texts of today, by what became of them.
 */
today: Array<GatewayTexts>, };

export type GatewayTexts = { 
/**
 * `sent`, `delivered`, `failed` and the like (`docs/sms.md`).
 */
state: string, 
/**
 * How many.
 */
count: number, };

export type GatewayWay = { 
/**
 * What it is.
 */
kind: GatewayWayKind, 
/**
 * Its name in the gateway's settings.
 */
name: string, 
/**
 * It can send.
 */
isReady: boolean, 
/**
 * How it is, in one word (`docs/sms.md`).
 */
condition: string, 
/**
 * The same in plain words, in English.
 */
state: string, 
/**
 * What modem, network or carrier said, when something is wrong.
 */
reason: string | null, 
/**
 * It failed again and again and is not used until then: milliseconds since 1970 UTC.
 */
restsUntil: number | null, 
/**
 * The network.
 */
operator: string | null, 
/**
 * Decibels against a milliwatt.
 */
signal: number | null, 
/**
 * Texts of the last day.
 */
sent: number | null, };

export type GatewayWayKind = "modem" | "line";

export type MemoryUse = { 
/**
 * The program itself.
 */
program: number | null, 
/**
 * What draws the window and fetches pages for all.
 */
window: number | null, 
/**
 * Tabs whose pages are awake. Windows that a page has opened share the page's processes and are counted there.
 */
tabs: Array<TabMemory>, 
/**
 * From here on the pages of tabs together take too much, and the longest unused sleep earlier.
 */
mostForTabs: number, };

export type Message = { 
/**
 * Key in the local store; grows in display order within a conversation only through `time`, then `id`.
 */
id: number, 
/**
 * Bare address of the other side.
 */
peer: string, 
/**
 * Bare address of the author.
 */
author: string, 
/**
 * Text.
 */
text: string, 
/**
 * Milliseconds since 1970 UTC.
 */
time: number, 
/**
 * What became of it.
 */
state: MessageState, 
/**
 * Error code of a failed message.
 */
failure: string | null, 
/**
 * Set when it is a text message, too.
 */
sms: Sms | null, 
/**
 * Set when a business system says it.
 */
notice: Notice | null, };

export type MessageState = "queued" | "sent" | "delivered" | "read" | "failed" | "received";

export type Notice = { 
/**
 * The same for all its revisions.
 */
id: string, 
/**
 * From 1.
 */
revision: number, 
/**
 * What has become of it.
 */
state: NoticeState, 
/**
 * How much it matters.
 */
priority: NoticePriority, 
/**
 * Short name of the system.
 */
system: string, 
/**
 * What people call the system.
 */
systemName: string, 
/**
 * Hash of the system's picture, when it has one.
 */
icon: string | null, 
/**
 * One line.
 */
title: string, 
/**
 * What there is to say beyond the title; may be empty.
 */
text: string, 
/**
 * Where it is seen to.
 */
link: NoticeLink | null, 
/**
 * Facts, in order.
 */
fields: Array<NoticeField>, 
/**
 * What the person may do, in order.
 */
actions: Array<NoticeAction>, 
/**
 * After this time it is of no interest: milliseconds since 1970 UTC.
 */
expires: number | null, 
/**
 * Key of the action that the person has chosen here.
 */
chosen: string | null, 
/**
 * The person has marked it as done by hand; its system does not know.
 */
marked: boolean, 
/**
 * The server is not known to have the choice yet.
 */
underWay: boolean, 
/**
 * Error code of the last choice, when it was refused: another may be made.
 */
failure: string | null, 
/**
 * The person has not seen it.
 */
unread: boolean, };

export type NoticeAction = { 
/**
 * Key.
 */
id: string, 
/**
 * Name.
 */
label: string, 
/**
 * Where it stands.
 */
style: NoticeActionStyle, 
/**
 * What is asked before; empty for a plain button.
 */
inputs: Array<NoticeInput>, };

export type NoticeActionStyle = "usual" | "primary" | "danger";

export type NoticeField = { 
/**
 * What it is.
 */
label: string, 
/**
 * The fact.
 */
value: string, };

export type NoticeFilter = "open" | "unread" | "done" | "all";

export type NoticeInput = { 
/**
 * Key.
 */
name: string, 
/**
 * Name.
 */
label: string, 
/**
 * May not be left empty.
 */
required: boolean, };

export type NoticeLink = { 
/**
 * The system whose tab it opens in.
 */
system: string, 
/**
 * Path there.
 */
path: string, };

export type NoticePage = { 
/**
 * Messages with notices.
 */
notices: Array<Message>, 
/**
 * There may be more behind the last.
 */
hasMore: boolean, };

export type NoticePriority = "low" | "normal" | "high" | "urgent";

export type NoticeState = "open" | "handled" | "withdrawn";

export type NoticeStep = { 
/**
 * What.
 */
kind: NoticeStepKind, 
/**
 * When: milliseconds since 1970 UTC.
 */
time: number, 
/**
 * Key of the action that was chosen.
 */
action: string | null, 
/**
 * More about it (why a text failed, what was answered), or empty.
 */
detail: string, };

export type NoticeStepKind = "accepted" | "pushed" | "delivered" | "read" | "smsQueued" | "smsSent" | "smsUnconfirmed" | "smsReported" | "smsFailed" | "smsLimited" | "escalated" | "expired" | "failed" | "acted" | "replied" | "updated" | "withdrawn";

export type NoticeValue = { 
/**
 * Key of the line.
 */
name: string, 
/**
 * What stands there.
 */
text: string, };

export type PersonCard = { 
/**
 * Bare address.
 */
person: string, 
/**
 * ID the person signs in with.
 */
login: string, 
/**
 * Display name.
 */
name: string, 
/**
 * Posts: department path such as `总部 / 财务部` and title.
 */
posts: Array<PersonPost>, 
/**
 * `male`, `female` or absent.
 */
gender: string | null, 
/**
 * Office phones.
 */
phones: Array<string>, 
/**
 * Mobile number, as far as policy shows it.
 */
mobile: string | null, 
/**
 * E-mail address.
 */
email: string | null, 
/**
 * Presence now.
 */
presence: PersonPresence, };

export type PersonHit = { 
/**
 * Bare address.
 */
person: string, 
/**
 * Display name.
 */
name: string, 
/**
 * Department names from the top.
 */
departmentPath: Array<string>, 
/**
 * Title of the main post.
 */
title: string | null, };

export type PersonPost = { 
/**
 * Department names from the top.
 */
departmentPath: Array<string>, 
/**
 * Title.
 */
title: string | null, 
/**
 * The main post.
 */
primary: boolean, };

export type PersonPresence = { 
/**
 * Bare address.
 */
person: string, 
/**
 * The most available of the person's clients.
 */
availability: Availability, 
/**
 * Free text of the person.
 */
status: string | null, };

export type QueryCode = { 
/**
 * What is written.
 */
name: string, 
/**
 * What it asks for, in a few words; may be empty.
 */
help: string, };

export type QueryContact = { 
/**
 * Bare address.
 */
address: string, 
/**
 * Codes that this person may use.
 */
codes: Array<QueryCode>, };

export type SavedSignIn = { 
/**
 * Server address as it was typed.
 */
server: string, 
/**
 * ID.
 */
login: string, 
/**
 * A password lies in the keyring.
 */
hasPassword: boolean, 
/**
 * The system has a keyring, so that "remember" can be offered.
 */
canRemember: boolean, };

export type Settings = { 
/**
 * `system`, `zh-CN`, `en`.
 */
language: string, 
/**
 * `system`, `light`, `dark`.
 */
theme: string, 
/**
 * `compact`, `cozy`.
 */
density: string, 
/**
 * `enter`, `ctrlEnter`.
 */
sendKey: string, 
/**
 * Show notifications.
 */
notifications: boolean, 
/**
 * Show the text in notifications.
 */
notificationText: boolean, 
/**
 * Tell others when their messages were read.
 */
sendReadMarkers: boolean, 
/**
 * Tell others when one is typing.
 */
sendTyping: boolean, };

export type SignIn = { 
/**
 * IP address, host name or domain, with or without a port.
 */
server: string, 
/**
 * ID (`zhang.san`) or full address (`zhang.san@example.org`).
 */
login: string, 
/**
 * Password; empty = use the one in the keyring.
 */
password: string, 
/**
 * Keep the password in the keyring.
 */
remember: boolean, 
/**
 * Fingerprint (SHA-256, lower-case hex) of the certificate authority or certificate the user has accepted just now.
 */
acceptFingerprint: string | null, };

export type Sms = { 
/**
 * How far it is.
 */
state: SmsState, 
/**
 * Word of the failure (`docs/sms.md`).
 */
failure: string | null, 
/**
 * It was sent a second time, since nobody knew of the first.
 */
again: boolean, 
/**
 * It waits until then (XEP-0082), or may be tried again then.
 */
until: string | null, };

export type SmsState = "wished" | "queued" | "sending" | "unconfirmed" | "sent" | "delivered" | "failed" | "received";

export type TabAction = "back" | "forward" | "reload" | "zoomIn" | "zoomOut" | "zoomReset" | "toggleSound" | "openOutside";

export type TabDownload = { 
/**
 * Key of the download.
 */
download: number, 
/**
 * The tab.
 */
tab: number, 
/**
 * The file's name, as it is stored.
 */
name: string, 
/**
 * Part that is here: 0 to 1.
 */
progress: number, 
/**
 * What became of it.
 */
state: TabDownloadState, };

export type TabDownloadState = "running" | "finished" | "failed" | "cancelled";

export type TabMemory = { 
/**
 * The tab.
 */
tab: number, 
/**
 * Bytes.
 */
bytes: number, };

export type TabPlace = { 
/**
 * From the left.
 */
x: number, 
/**
 * From the top.
 */
y: number, 
/**
 * Width.
 */
width: number, 
/**
 * Height.
 */
height: number, };

export type TreeBatch = { 
/**
 * Departments of this batch.
 */
departments: Array<Department>, 
/**
 * People of this batch.
 */
people: Array<TreePerson>, 
/**
 * True on the last batch.
 */
last: boolean, };

export type TreePerson = { 
/**
 * Bare address (JID) of the person: the key everywhere in the window.
 */
person: string, 
/**
 * Display name.
 */
name: string, 
/**
 * Department this row stands in.
 */
department: string, 
/**
 * Title of this post.
 */
title: string | null, 
/**
 * The person's main post; nobody has two, some have none.
 */
primary: boolean, 
/**
 * Position within the department, counted from 0.
 */
position: number, 
/**
 * Hash of the avatar, when there is one.
 */
avatar: string | null, };
