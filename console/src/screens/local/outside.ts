/** What the world outside brings: the answer of a person's mail program, an event of SES. */
import type { Mail } from "./outbox";

const utf8 = new TextEncoder();

function base64(text: string): string {
  let binary = "";
  for (const byte of utf8.encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** Text in a header (RFC 2047), as encoded words of at most 75 characters. */
function encodedWords(text: string): string {
  const words: string[] = [];
  let part = "";
  for (const character of text.replace(/[\r\n]+/g, " ")) {
    if (utf8.encode(part + character).length > 45) {
      words.push(part);
      part = "";
    }
    part += character;
  }
  words.push(part);
  return words.map((word) => `=?UTF-8?B?${base64(word)}?=`).join("\r\n ");
}

/** Lines of base64, as RFC 2045 has them. */
function lines(text: string): string {
  return (text.match(/.{1,76}/g) ?? []).join("\r\n");
}

/** The value of a header of the mail, on one line. */
function header(mail: Mail, name: string): string {
  const found = mail.headers.find(([key]) => key.toLowerCase() === name);
  return (found?.[1] ?? "").replace(/\s+/g, " ").trim();
}

/** The answer of the mail's recipient, above a quotation as mail programs write it. */
export function replyTo(mail: Mail, text: string, key: string): string {
  const quoted = (mail.text ?? "")
    .split("\n")
    .map((line) => `> ${line.trimEnd()}`)
    .join("\n");
  const date = new Date(mail.sent_at);
  const when = date.toLocaleString("pt-BR", { dateStyle: "short", timeStyle: "short" });
  const body = `${text.trimEnd()}\n\nEm ${when}, ${mail.from} escreveu:\n\n${quoted}\n`;
  const id = mail.message_id ? `<${mail.message_id.replace(/[<>]/g, "")}>` : "";
  const references = [header(mail, "references"), id].filter(Boolean).join(" ");
  return [
    `From: <${addressOf(mail.to)}>`,
    `To: ${mail.reply_to ?? mail.from}`,
    `Subject: ${encodedWords(`Re: ${mail.subject}`)}`,
    `Message-ID: <${key}@mail.example.com>`,
    `Date: ${new Date().toUTCString().replace("GMT", "+0000")}`,
    ...(id ? [`In-Reply-To: ${id}`] : []),
    ...(references ? [`References: ${references.split(" ").join("\r\n ")}`] : []),
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: base64",
    "",
    lines(base64(body.replace(/\r?\n/g, "\r\n"))),
    "",
  ].join("\r\n");
}

/** The address of `Name <address>`. */
export function addressOf(mailbox: string): string {
  return /<([^<>]+)>\s*$/.exec(mailbox)?.[1] ?? mailbox.trim();
}

/** What may become of a mail. */
export type Outcome = "bounce" | "complaint" | "delivery";

/** What SES tells about the mail. */
export function eventOf(mail: Mail, outcome: Outcome): unknown {
  const address = addressOf(mail.to);
  const timestamp = new Date().toISOString();
  const about = {
    timestamp: mail.sent_at,
    messageId: mail.message_id?.replace(/[<>]/g, "").split("@")[0] ?? String(mail.number),
    destination: [address],
    tags: {
      delivery_id: [mail.delivery_id],
      attempt: [String(mail.attempt)],
      ticket_id: [mail.ticket_id],
    },
  };
  if (outcome === "delivery") {
    return {
      eventType: "Delivery",
      mail: about,
      delivery: { timestamp, recipients: [address], smtpResponse: "250 2.0.0 OK", processingTimeMillis: 400 },
    };
  }
  if (outcome === "complaint") {
    return {
      eventType: "Complaint",
      mail: about,
      complaint: { timestamp, complainedRecipients: [{ emailAddress: address }], feedbackId: crypto.randomUUID() },
    };
  }
  return {
    eventType: "Bounce",
    mail: about,
    bounce: {
      timestamp,
      bounceType: "Permanent",
      bounceSubType: "General",
      feedbackId: crypto.randomUUID(),
      bouncedRecipients: [
        { emailAddress: address, action: "failed", status: "5.1.1", diagnosticCode: "smtp; 550 5.1.1 user unknown" },
      ],
    },
  };
}
