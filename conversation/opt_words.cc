#include "conversation/opt_words.h"

#include <algorithm>
#include <array>

namespace waypost {
namespace {

constexpr std::array<OptLanguage, 26> kLanguages{{
    {"en", "STOP|STOP ALL|STOPALL|UNSUBSCRIBE|OPT OUT|OPTOUT", "START|UNSTOP|SUBSCRIBE|OPT IN|OPTIN",
     "You will receive no more messages from us. Reply {{keyword}} to receive them again.",
     "You will receive our messages again. Reply {{keyword}} to stop them."},
    {"es", "STOP|BAJA|DAR DE BAJA|DARME DE BAJA|PARAR|DESUSCRIBIR|DESUSCRIBIRME",
     "ALTA|START|DAR DE ALTA|DARME DE ALTA|SUSCRIBIR|SUSCRIBIRME|REANUDAR",
     "No recibirá más mensajes nuestros. Responda {{keyword}} para volver a recibirlos.",
     "Volverá a recibir nuestros mensajes. Responda {{keyword}} para dejar de recibirlos."},
    {"pt", "STOP|PARAR|PARE|DESCADASTRAR|DESINSCREVER", "VOLTAR|START|INSCREVER|CADASTRAR|RETOMAR",
     "Você não receberá mais mensagens nossas. Responda {{keyword}} para voltar a recebê-las.",
     "Você voltará a receber nossas mensagens. Responda {{keyword}} para deixar de recebê-las."},
    {"fr",
     "STOP|ARRÊT|ARRET|ARRÊTER|ARRETER|DÉSABONNER|DESABONNER|ME DÉSABONNER|ME DESABONNER|DÉSINSCRIPTION|DESINSCRIPTION",
     "START|REPRENDRE|M'ABONNER|S'ABONNER|INSCRIPTION",
     "Vous ne recevrez plus de messages de notre part. Répondez {{keyword}} pour en recevoir à nouveau.",
     "Vous recevrez à nouveau nos messages. Répondez {{keyword}} pour ne plus en recevoir."},
    {"de", "STOP|STOPP|ABMELDEN|ABBESTELLEN|AUSTRAGEN", "START|ANMELDEN|STARTEN|FORTSETZEN",
     "Sie erhalten keine Nachrichten mehr von uns. Antworten Sie {{keyword}}, um sie wieder zu erhalten.",
     "Sie erhalten unsere Nachrichten wieder. Antworten Sie {{keyword}}, um sie abzubestellen."},
    {"it", "STOP|FERMA|DISISCRIVIMI|DISISCRIZIONE|CANCELLAMI", "START|ISCRIVIMI|RIPRENDI",
     "Non riceverà più messaggi da noi. Risponda {{keyword}} per riceverli di nuovo.",
     "Riceverà di nuovo i nostri messaggi. Risponda {{keyword}} per non riceverli più."},
    {"nl", "STOP|STOPPEN|AFMELDEN|UITSCHRIJVEN", "START|AANMELDEN|INSCHRIJVEN|HERVATTEN",
     "U ontvangt geen berichten meer van ons. Antwoord {{keyword}} om ze weer te ontvangen.",
     "U ontvangt onze berichten weer. Antwoord {{keyword}} om ze te stoppen."},
    {"pl", "STOP|ZATRZYMAJ|WYPISZ|WYPISZ MNIE|REZYGNUJĘ", "START|ZAPISZ|ZAPISZ MNIE|WZNÓW",
     "Nie otrzymasz od nas więcej wiadomości. Odpowiedz {{keyword}}, aby znów je otrzymywać.",
     "Znów będziesz otrzymywać nasze wiadomości. Odpowiedz {{keyword}}, aby je zatrzymać."},
    {"cs", "STOP|ODHLÁSIT|ODHLASIT|ODHLÁSIT SE|ZASTAVIT", "START|PŘIHLÁSIT|PRIHLASIT|OBNOVIT",
     "Už od nás nedostanete žádné zprávy. Odpovězte {{keyword}} a budete je opět dostávat.",
     "Budete opět dostávat naše zprávy. Odpovězte {{keyword}} a přestaneme je posílat."},
    {"ro", "STOP|DEZABONARE|DEZABONEAZĂ-MĂ|DEZABONEAZA-MA", "START|ABONARE|REIA",
     "Nu veți mai primi mesaje de la noi. Răspundeți {{keyword}} pentru a le primi din nou.",
     "Veți primi din nou mesajele noastre. Răspundeți {{keyword}} pentru a le opri."},
    {"hu", "STOP|LEIRATKOZÁS|LEIRATKOZAS|LEIRATKOZOM", "START|FELIRATKOZÁS|FELIRATKOZAS|FELIRATKOZOM",
     "Nem küldünk több üzenetet. Válaszoljon {{keyword}} szóval, ha újra szeretne kapni.",
     "Újra megkapja üzeneteinket. Válaszoljon {{keyword}} szóval, ha nem kér többet."},
    {"sv", "STOPP|STOP|AVREGISTRERA|AVPRENUMERERA", "START|STARTA|PRENUMERERA",
     "Du får inga fler meddelanden från oss. Svara {{keyword}} för att få dem igen.",
     "Du får våra meddelanden igen. Svara {{keyword}} för att stoppa dem."},
    {"da", "STOP|AFMELD|FRAMELD", "START|TILMELD",
     "Du modtager ikke flere beskeder fra os. Svar {{keyword}} for at modtage dem igen.",
     "Du modtager vores beskeder igen. Svar {{keyword}} for at stoppe dem."},
    {"nb", "STOPP|STOP|AVMELD|MELD AV", "START|PÅMELD|MELD PÅ",
     "Du får ingen flere meldinger fra oss. Svar {{keyword}} for å få dem igjen.",
     "Du får meldingene våre igjen. Svar {{keyword}} for å stoppe dem."},
    {"fi", "STOP|LOPETA", "ALOITA|START",
     "Et saa meiltä enää viestejä. Vastaa {{keyword}}, jos haluat saada niitä taas.",
     "Saat taas viestejämme. Vastaa {{keyword}}, jos et halua niitä."},
    {"tr", "STOP|DURDUR|ABONELİKTEN ÇIK", "BAŞLAT|BASLAT|START|ABONE OL",
     "Artık bizden mesaj almayacaksınız. Yeniden almak için {{keyword}} yazın.",
     "Mesajlarımızı yeniden alacaksınız. Durdurmak için {{keyword}} yazın."},
    {"el", "STOP|ΣΤΟΠ|ΔΙΑΚΟΠΗ|ΔΙΑΚΟΠΉ|ΑΠΕΓΓΡΑΦΗ|ΑΠΕΓΓΡΑΦΉ", "START|ΕΝΑΡΞΗ|ΈΝΑΡΞΗ|ΕΓΓΡΑΦΗ|ΕΓΓΡΑΦΉ",
     "Δεν θα λαμβάνετε άλλα μηνύματα από εμάς. Απαντήστε {{keyword}} για να τα λαμβάνετε ξανά.",
     "Θα λαμβάνετε ξανά τα μηνύματά μας. Απαντήστε {{keyword}} για να σταματήσουν."},
    {"ru", "СТОП|STOP|ОТПИСАТЬСЯ|ОТПИСКА|ОТПИШИТЕ МЕНЯ", "СТАРТ|START|ПОДПИСАТЬСЯ|ПОДПИСКА|ВОЗОБНОВИТЬ",
     "Вы больше не будете получать от нас сообщения. Ответьте {{keyword}}, чтобы снова их получать.",
     "Вы снова будете получать наши сообщения. Ответьте {{keyword}}, чтобы отказаться от них."},
    {"uk", "СТОП|STOP|ВІДПИСАТИСЯ|ВІДПИСАТИСЬ|ВІДПИСКА", "СТАРТ|START|ПІДПИСАТИСЯ|ПІДПИСАТИСЬ|ВІДНОВИТИ",
     "Ви більше не отримуватимете від нас повідомлень. Надішліть {{keyword}}, щоб знову їх отримувати.",
     "Ви знову отримуватимете наші повідомлення. Надішліть {{keyword}}, щоб відмовитися від них."},
    {"he", "STOP|הסר|הסירו|עצור|הפסק", "התחל|START|הצטרף",
     "לא תקבלו מאיתנו הודעות נוספות. השיבו {{keyword}} כדי לקבל אותן שוב.",
     "תקבלו שוב את ההודעות שלנו. השיבו {{keyword}} כדי להפסיק אותן."},
    {"ar", "STOP|توقف|إيقاف|ايقاف|إلغاء الاشتراك|الغاء الاشتراك", "ابدأ|ابدا|START|اشتراك",
     "لن تصلك رسائل منا بعد الآن. أرسل {{keyword}} لتصلك من جديد.",
     "ستصلك رسائلنا من جديد. أرسل {{keyword}} لإيقافها."},
    {"hi", "STOP|स्टॉप|रोकें|बंद करें", "START|स्टार्ट|शुरू करें|शुरू",
     "अब आपको हमसे कोई संदेश नहीं मिलेगा। फिर से पाने के लिए {{keyword}} लिखें।",
     "अब आपको हमारे संदेश फिर से मिलेंगे। रोकने के लिए {{keyword}} लिखें।"},
    {"id", "STOP|BERHENTI|BERHENTI BERLANGGANAN", "MULAI|START|BERLANGGANAN",
     "Anda tidak akan menerima pesan dari kami lagi. Balas {{keyword}} untuk menerimanya kembali.",
     "Anda akan menerima pesan kami kembali. Balas {{keyword}} untuk menghentikannya."},
    {"zh", "STOP|退订|退訂|停止|取消订阅|取消訂閱", "开始|開始|START|订阅|訂閱|恢复",
     "您将不再收到我们的消息。回复 {{keyword}} 可重新接收。", "您将重新收到我们的消息。回复 {{keyword}} 可停止接收。"},
    {"ja", "STOP|ストップ|停止|配信停止", "START|スタート|開始|再開|配信再開",
     "今後、当方からメッセージは届きません。再開するには {{keyword}} と返信してください。",
     "メッセージの配信を再開します。停止するには {{keyword}} と返信してください。"},
    {"ko", "STOP|중지|수신거부|수신 거부", "START|시작|재개|수신동의",
     "더 이상 메시지를 보내지 않습니다. 다시 받으려면 {{keyword}} 라고 답장해 주세요.",
     "메시지를 다시 보내 드립니다. 그만 받으려면 {{keyword}} 라고 답장해 주세요."},
}};

}  // namespace

std::span<const OptLanguage> opt_languages() { return kLanguages; }

const OptLanguage* opt_language(std::string_view code) {
  const auto* found = std::ranges::find(kLanguages, code, &OptLanguage::code);
  return found == kLanguages.end() ? nullptr : found;
}

}  // namespace waypost
