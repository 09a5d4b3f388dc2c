//! What the window shows: plain values, the same in Rust and in TypeScript.

mod business_tab;
mod conversation;
mod gateway;
mod notice;
mod notice_step;
mod organization;
mod query_contact;
mod settings;
mod sign_in;

pub use self::business_tab::{
    BusinessBadge, BusinessSystem, BusinessTab, BusinessTabEvent, BusinessTabFailure, MemoryUse, TabAction,
    TabDownload, TabDownloadState, TabMemory, TabPlace,
};
pub use self::conversation::{
    ConversationPage, ConversationSummary, DeliveryWish, Message, MessageState, Sms, SmsState,
};
pub use self::gateway::{GatewayStatus, GatewayTexts, GatewayWay, GatewayWayKind};
pub use self::notice::{
    Notice, NoticeAction, NoticeActionStyle, NoticeField, NoticeFilter, NoticeInput, NoticeLink, NoticePage,
    NoticePriority, NoticeState, NoticeValue,
};
pub use self::notice_step::{NoticeStep, NoticeStepKind};
pub use self::organization::{
    Availability, AvatarPicture, Department, DepartmentCount, PersonCard, PersonHit, PersonPost,
    PersonPresence, TreeBatch, TreePerson,
};
pub use self::query_contact::{QueryCode, QueryContact};
pub use self::settings::Settings;
pub use self::sign_in::{Account, ConnectionState, ConnectionTestStep, SavedSignIn, SignIn};
