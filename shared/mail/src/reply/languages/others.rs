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
        "va escriure",
        "đã viết",
        "menulis",
        "님이 작성",
        "님이 썼습니다",
        "写道",
        "寫道",
    ],
    from: &[
        "feladó",
        "kimden",
        "gönderen",
        "发件人",
        "差出人",
        "寄件者",
        "보낸 사람",
    ],
    date: &[
        "elküldve",
        "dátum",
        "tarih",
        "gönderildi",
        "发送时间",
        "日期",
        "送信日時",
        "日付",
        "寄件日期",
        "보낸 날짜",
        "날짜",
    ],
    to: &["címzett", "kime", "收件人", "收件者", "宛先", "받는 사람"],
    cc: &["másolatot kap", "bilgi", "抄送", "副本", "참조"],
    subject: &["tárgy", "konu", "主题", "主旨", "件名", "제목"],
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
