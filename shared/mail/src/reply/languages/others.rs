//! Languages of which only a few words are known.

use super::{Language, NONE};

pub(super) const OTHERS: Language = Language {
    verbs: &[
        "írta",
        "ezt írta",
        "şunu yazdı",
        "yazdı",
        "a scris",
        "έγραψε",
    ],
    from: &["feladó", "kimden", "gönderen", "发件人", "差出人", "寄件者"],
    date: &[
        "elküldve",
        "dátum",
        "tarih",
        "gönderildi",
        "发送时间",
        "日期",
        "送信日時",
        "日付",
    ],
    to: &["címzett", "kime", "收件人", "宛先"],
    cc: &["másolatot kap", "bilgi", "抄送"],
    subject: &["tárgy", "konu", "主题", "件名"],
    separators: &[
        "eredeti üzenet",
        "orijinal mesaj",
        "özgün ileti",
        "原始邮件",
        "元のメッセージ",
    ],
    sent_from: &["发自我的", "iphoneから送信", "küldve a(z) "],
    sent_from_ends: &["gesendet", "gönderildi", "から送信", "küldve"],
    closings: &["üdvözlettel", "saygılarımla"],
    ..NONE
};
