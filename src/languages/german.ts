import type { Catalogue } from './english.ts'

export const german: Catalogue = {
  // The page.
  Lifeline: 'Lifeline',
  'This page needs JavaScript: it shows what changes while you look.':
    'Diese Seite braucht JavaScript: Sie zeigt, was sich gerade ändert.',
  'Search accounts': 'Konten suchen',
  'Name, number or state': 'Name, Nummer oder Zustand',
  Filter: 'Filter',
  State: 'Zustand',
  Host: 'Host',
  Hosts: 'Hosts',
  'Every host': 'Alle Hosts',
  'Troubles by cause': 'Probleme nach Ursache',
  '{n} accounts: {words}': '{n} Konten: {words}',
  'Every state': 'Alle Zustände',
  'Needs somebody': 'Braucht jemanden',
  Connected: 'Verbunden',
  'Not connected': 'Nicht verbunden',
  'Connected, in trouble': 'Verbunden, mit Problemen',
  'Nothing heard of': 'Nichts zu hören',
  Accounts: 'Konten',
  'Accounts, those who need somebody first': 'Konten, zuerst jene, die jemanden brauchen',
  '{n} {n:account|accounts}': '{n} {n:Konto|Konten}',
  '{n} {n:account|accounts}, {m} for a person': '{n} {n:Konto|Konten}, {m} {m:braucht|brauchen} jemanden',
  '{words} · observing': '{words} · nur beobachtend',
  'WhatsApp has banned this account for a time.': 'WhatsApp hat dieses Konto vorübergehend gesperrt.',
  'A try before the ban is over does not end it, and may make it longer.':
    'Ein Versuch vor dem Ende der Sperre beendet sie nicht und kann sie verlängern.',
  'If you can, wait: the account is tried by itself when the ban is over.':
    'Warte, wenn du kannst: Nach der Sperre wird es von selbst versucht.',
  'The connection is closed and opened again, with the same credentials.':
    'Die Verbindung wird geschlossen und mit denselben Zugangsdaten neu geöffnet.',
  'No session is set aside.': 'Keine Sitzung wird beiseitegelegt.',
  'Messages sent meanwhile arrive afterwards.': 'Nachrichten, die inzwischen gesendet werden, kommen danach an.',
  'The account is offline.': 'Das Konto ist offline.',
  'It is tried now, with the same credentials.': 'Es wird jetzt versucht, mit denselben Zugangsdaten.',
  'It is tried now in place of at {clock}, with the same credentials.':
    'Es wird jetzt statt um {clock} versucht, mit denselben Zugangsdaten.',
  'If the try fails, the next one comes by itself.': 'Schlägt der Versuch fehl, kommt der nächste von selbst.',
  'The connection is closed, and {words}': 'Die Verbindung wird geschlossen. {words}',
  'Only observing: nothing is set aside.': 'Nur beobachtend: Nichts wird beiseitegelegt.',
  'Only while the account is connected.': 'Nur, solange das Konto verbunden ist.',
  Reconnect: 'Neu verbinden',
  'Connect anew, with the same credentials': 'Mit denselben Zugangsdaten neu verbinden',
  'Reconnect this account?': 'Dieses Konto neu verbinden?',
  'Supervision is stopped.': 'Die Überwachung ist angehalten.',
  'It connects already.': 'Es verbindet sich bereits.',
  'A reconnect was asked for.': 'Eine neue Verbindung wurde angefordert.',
  'Set failing sessions aside': 'Fehlerhafte Sitzungen beiseitelegen',
  'Only those of contacts that cannot be read': 'Nur die von Kontakten, die nicht lesbar sind',
  'Set the failing sessions aside?': 'Die fehlerhaften Sitzungen beiseitelegen?',
  'The session files of contacts whose messages cannot be read go into the quarantine, from where they can be restored.':
    'Die Sitzungsdateien von Kontakten, deren Nachrichten nicht lesbar sind, kommen in die Quarantäne und können zurückgeholt werden.',
  'It then reconnects with the same credentials; new sessions are made with the next messages.':
    'Danach verbindet es sich mit denselben Zugangsdaten neu; neue Sitzungen entstehen mit den nächsten Nachrichten.',
  'No contact is failing at the moment.': 'Im Moment ist kein Kontakt betroffen.',
  'Set failing aside': 'Fehlerhafte beiseitelegen',
  'The failing sessions are being set aside.': 'Die fehlerhaften Sitzungen werden beiseitegelegt.',
  'Set all sessions aside': 'Alle Sitzungen beiseitelegen',
  'Every contact makes a new session': 'Jeder Kontakt bekommt eine neue Sitzung',
  'Set all sessions aside?': 'Alle Sitzungen beiseitelegen?',
  'Every session file goes into the quarantine, from where it can be restored.':
    'Jede Sitzungsdatei kommt in die Quarantäne und kann zurückgeholt werden.',
  'It then reconnects with the same credentials.': 'Danach verbindet es sich mit denselben Zugangsdaten neu.',
  'Each contact makes a new session with its next message; the first one may come late.':
    'Jeder Kontakt bekommt mit seiner nächsten Nachricht eine neue Sitzung; die erste kann verspätet kommen.',
  'The credentials are not touched: nobody has to scan a code.':
    'Die Zugangsdaten bleiben unberührt: Niemand muss einen Code scannen.',
  'Not possible at the moment.': 'Im Moment nicht möglich.',
  'Set all aside': 'Alle beiseitelegen',
  'All sessions are being set aside.': 'Alle Sitzungen werden beiseitegelegt.',
  'Show a code': 'Code zeigen',
  'Link this account anew with the phone': 'Dieses Konto neu mit dem Telefon verknüpfen',
  'Link this account anew?': 'Dieses Konto neu verknüpfen?',
  'A new series of codes is shown here, for somebody with the phone to scan.':
    'Hier erscheinen neue Codes, die jemand mit dem Telefon scannt.',
  'The account goes offline, and a code is shown here for somebody with the phone to scan.':
    'Das Konto geht offline, und hier erscheint ein Code, den jemand mit dem Telefon scannt.',
  'The account stays offline, and a code is shown here for somebody with the phone to scan.':
    'Das Konto bleibt offline, und hier erscheint ein Code, den jemand mit dem Telefon scannt.',
  'The old credentials stay where they are until the new pairing has opened; then they go into the quarantine.':
    'Die alten Zugangsdaten bleiben, bis die neue Verknüpfung steht; dann kommen sie in die Quarantäne.',
  'This does not end the ban, and may make it longer.': 'Das beendet die Sperre nicht und kann sie verlängern.',
  'A pairing is being completed.': 'Eine Verknüpfung wird gerade abgeschlossen.',
  'A code was asked for; it appears on this page.': 'Ein Code wurde angefordert; er erscheint auf dieser Seite.',
  'Keep the old link?': 'Die alte Verknüpfung behalten?',
  'No further code is shown, and the account is connected again with the credentials that it had.':
    'Es erscheint kein weiterer Code, und das Konto verbindet sich mit seinen bisherigen Zugangsdaten.',
  'Keep the old link': 'Alte Verknüpfung behalten',
  'The old credentials are tried again.': 'Die alten Zugangsdaten werden wieder versucht.',
  Actions: 'Aktionen',
  'Restore from the quarantine': 'Aus der Quarantäne zurückholen',
  'Put back what was set aside': 'Zurücklegen, was beiseitegelegt wurde',
  'Make a one-time link': 'Einmal-Link erstellen',
  'For the owner of the phone, to see the code alone': 'Für den Besitzer des Telefons: zeigt nur den Code',
  'Only observing: nothing is put back.': 'Nur beobachtend: Nichts wird zurückgelegt.',
  'Notify me': 'Benachrichtige mich',
  'Shows a notification of this browser when somebody is needed':
    'Zeigt eine Benachrichtigung dieses Browsers, wenn jemand gebraucht wird',
  Sound: 'Ton',
  'Plays a sound, too': 'Spielt auch einen Ton',
  'From now on this browser tells you when somebody is needed, as long as the page is open.':
    'Ab jetzt meldet dieser Browser, wenn jemand gebraucht wird, solange die Seite offen ist.',
  'This browser no longer tells you by itself.': 'Dieser Browser meldet nichts mehr von selbst.',
  'This browser does not allow it.': 'Dieser Browser erlaubt es nicht.',
  'Its settings for this site say whether notifications may be shown.':
    'Seine Einstellungen für diese Website legen fest, ob Benachrichtigungen erscheinen dürfen.',
  'Browsers show notifications for pages over HTTPS, or of their own machine, alone.':
    'Browser zeigen Benachrichtigungen nur für Seiten über HTTPS oder vom eigenen Rechner.',
  'A sound is played when somebody is needed.': 'Ein Ton erklingt, wenn jemand gebraucht wird.',
  'No sound is played.': 'Es erklingt kein Ton.',
  'The gateway does not answer.': 'Das Gateway antwortet nicht.',
  'See whether it runs and whether this device reaches it, then try again.':
    'Prüfe, ob es läuft und ob dieses Gerät es erreicht, und versuche es erneut.',
  'The gateway answered {code}.': 'Das Gateway antwortete {code}.',
  'See its log.': 'Sieh in sein Protokoll.',
  'The full statechart; scrolls with the arrow keys': 'Das ganze Zustandsdiagramm; mit den Pfeiltasten verschieben',
  'The full statechart': 'Das ganze Zustandsdiagramm',
  Smaller: 'Kleiner',
  Larger: 'Größer',
  Close: 'Schließen',
  '{words1} → {words2}: {words3}': '{words1} → {words2}: {words3}',
  'How it got here': 'Wie es dazu kam',
  'Open the full statechart': 'Ganzes Zustandsdiagramm öffnen',
  'The drawing of the states': 'Die Zeichnung der Zustände',
  'The last changes, newest first': 'Die letzten Änderungen, neueste zuerst',
  to: 'zu',
  'Open WhatsApp on the phone.': 'Öffne WhatsApp auf dem Telefon.',
  'Android: tap ⋮, then Linked devices. iPhone: Settings, then Linked devices.':
    'Android: Tippe auf ⋮, dann „Verknüpfte Geräte“. iPhone: „Einstellungen“, dann „Verknüpfte Geräte“.',
  'Tap “Link a device” and point the camera at this code.':
    'Tippe auf „Gerät hinzufügen“ und richte die Kamera auf diesen Code.',
  'Link this account': 'Dieses Konto verknüpfen',
  'Code {n}': 'Code {n}',
  '· new one in': '· neuer in',
  'No code at the moment': 'Im Moment kein Code',
  'QR code number {n}, to be scanned with WhatsApp': 'QR-Code Nummer {n}, mit WhatsApp zu scannen',
  'Show new codes': 'Neue Codes zeigen',
  'The next code appears here by itself.': 'Der nächste Code erscheint hier von selbst.',
  'The codes were used up.': 'Die Codes sind aufgebraucht.',
  'No further one comes by itself.': 'Von selbst kommt keiner mehr.',
  'The code was scanned.': 'Der Code wurde gescannt.',
  'The account is being linked.': 'Das Konto wird verknüpft.',
  Cancel: 'Abbrechen',
  'Who is there?': 'Wer ist da?',
  'Token of this gateway': 'Token dieses Gateways',
  'It lies on the gateway, in the file .lifeline/dashboard-token of the account’s folder; lifeline link --owner makes a link that needs none.':
    'Es liegt auf dem Gateway, in der Datei .lifeline/dashboard-token im Ordner des Kontos; lifeline link --owner erstellt einen Link, der keines braucht.',
  'It is sent once and then kept out of reach of scripts.':
    'Es wird einmal gesendet und danach von Skripten ferngehalten.',
  Enter: 'Eintreten',
  'You are signed out': 'Du bist abgemeldet',
  'The session has ended, or the gateway was started anew.':
    'Die Sitzung ist zu Ende, oder das Gateway wurde neu gestartet.',
  'Sign in, and this page goes on where it was.':
    'Melde dich an, dann geht es auf dieser Seite dort weiter, wo sie war.',
  'Signed out': 'Abgemeldet',
  'You are signed out: nothing was done.': 'Du bist abgemeldet: Es wurde nichts getan.',
  'Sign in, then press again.': 'Melde dich an und drücke noch einmal.',
  'This link has ended': 'Dieser Link ist abgelaufen',
  'The account was linked.': 'Das Konto wurde verknüpft.',
  'Link a WhatsApp account': 'Ein WhatsApp-Konto verknüpfen',
  'This link shows the code of one account, for you to scan with the phone that has WhatsApp.':
    'Dieser Link zeigt den Code eines Kontos, den du mit dem WhatsApp-Telefon scannst.',
  'It opens once.': 'Er öffnet sich einmal.',
  'Have the phone at hand, and open it on a screen that the phone can look at.':
    'Halte das Telefon bereit und öffne den Link auf einem Bildschirm, den es sehen kann.',
  'Show the code': 'Code zeigen',
  'This account is not there any more.': 'Dieses Konto gibt es hier nicht mehr.',
  'Ask its owner.': 'Frag den Besitzer.',
  'Link {name}': '{name} verknüpfen',
  Link: 'Verknüpfen',
  '{name} is linked and connected.': '{name} ist verknüpft und verbunden.',
  'You can close this page.': 'Du kannst diese Seite schließen.',
  'Nothing is to be scanned at the moment.': 'Im Moment ist nichts zu scannen.',
  '{n} {n:account|accounts} · last heard {clock}, {time} ago':
    '{n} {n:Konto|Konten} · zuletzt gehört {clock}, vor {time}',
  '{n} {n:account|accounts} · alive, heard {clock}': '{n} {n:Konto|Konten} · läuft, gehört {clock}',
  'Make a one-time link?': 'Einmal-Link erstellen?',
  'Whoever opens it sees the code of this account and nothing else.':
    'Wer ihn öffnet, sieht den Code dieses Kontos und sonst nichts.',
  'It works once, and for a short time.': 'Er gilt einmal und nur kurze Zeit.',
  'Send it only to the person who has the phone: with the code, another phone’s account could be linked here.':
    'Sende ihn nur der Person mit dem Telefon: Mit dem Code könnte das Konto eines anderen Telefons hier verknüpft werden.',
  'Make the link': 'Link erstellen',
  'The link is made': 'Der Link ist erstellt',
  'The link': 'Der Link',
  'Copied.': 'Kopiert.',
  'This browser does not let a page copy here: copy the marked text yourself.':
    'Dieser Browser lässt die Seite nicht kopieren: Kopiere den markierten Text selbst.',
  Copy: 'Kopieren',
  'Works once, until {moment}.': 'Gilt einmal, bis {moment}.',
  'It is not shown again.': 'Er wird nicht noch einmal gezeigt.',
  'This link opens on the gateway’s own machine alone, not on a phone.':
    'Dieser Link öffnet sich nur auf dem Rechner des Gateways, nicht auf einem Telefon.',
  'For a phone in the same network, start the gateway with --dashboard-host {host}; for one elsewhere, with --public-url.':
    'Für ein Telefon im selben Netz starte das Gateway mit --dashboard-host {host}; für eines anderswo mit --public-url.',
  "In your own program: serve({ host: '{host}' }), or the option publicUrl.":
    "Im eigenen Programm: serve({ host: '{host}' }) oder die Option publicUrl.",
  'Connection to the gateway lost; trying again.': 'Verbindung zum Gateway verloren; neuer Versuch läuft.',
  'The connection to the gateway is back.': 'Die Verbindung zum Gateway ist wieder da.',
  'Try again': 'Erneut versuchen',
  '‹ All accounts': '‹ Alle Konten',
  'Skip to the account': 'Zum Konto springen',
  'Sign out': 'Abmelden',
  'No account is supervised here yet.': 'Hier wird noch kein Konto überwacht.',
  '{n} of {m} {n:needs|need} somebody': '{n} von {m} {n:braucht|brauchen} jemanden',
  '{n} of {m} connected': '{n} von {m} verbunden',
  '{n} of {m} {n:needs|need} somebody, nothing heard of {k}':
    '{n} von {m} {n:braucht|brauchen} jemanden, nichts zu hören von {k}',
  '{n} of {m} connected, nothing heard of {k}': '{n} von {m} verbunden, nichts zu hören von {k}',
  'No camera? Link with the phone number': 'Keine Kamera? Mit der Telefonnummer verknüpfen',
  'Is WhatsApp on this phone? Link with its number': 'WhatsApp auf diesem Telefon? Mit seiner Nummer verknüpfen',
  'Number of the phone that has WhatsApp': 'Nummer des Telefons mit WhatsApp',
  'With the country code.': 'Mit der Ländervorwahl.',
  'WhatsApp then asks on the phone for the code.': 'WhatsApp fragt dann auf dem Telefon nach dem Code.',
  'Get a code to type': 'Code zum Eintippen holen',
  'On the phone: WhatsApp, Linked devices, Link a device, “Link with phone number instead”. Type:':
    'Auf dem Telefon: WhatsApp, „Verknüpfte Geräte“, „Gerät hinzufügen“, „Stattdessen mit Telefonnummer verknüpfen“. Tippe ein:',
  'On the phone with the number {phone}: WhatsApp, Linked devices, Link a device, “Link with phone number instead”. Type:':
    'Auf dem Telefon mit der Nummer {phone}: WhatsApp, „Verknüpfte Geräte“, „Gerät hinzufügen“, „Stattdessen mit Telefonnummer verknüpfen“. Tippe ein:',
  'The page itself failed.': 'Die Seite selbst hat versagt.',
  'Load it again.': 'Lade sie neu.',
  'Link with the phone number': 'Mit der Telefonnummer verknüpfen',
  'Cancel: keep the old link': 'Abbrechen: alte Verknüpfung behalten',
  'Reading the quarantine …': 'Die Quarantäne wird gelesen …',
  'Restore from the quarantine?': 'Aus der Quarantäne zurückholen?',
  'All else stays in the quarantine.': 'Alles andere bleibt in der Quarantäne.',
  Restore: 'Zurückholen',
  'Nothing was restored': 'Nichts wurde zurückgeholt',
  'There is nothing to restore.': 'Es gibt nichts zurückzuholen.',
  'Restored: {n} {n:file|files}.': 'Zurückgeholt: {n} {n:Datei|Dateien}.',
  'The quarantine is empty: nothing was ever set aside.': 'Die Quarantäne ist leer: Nichts wurde je beiseitegelegt.',
  'What was set aside, newest first': 'Was beiseitegelegt wurde, Neuestes zuerst',
  '· {n} {n:file|files}, {size}': '· {n} {n:Datei|Dateien}, {size}',
  'Last known: {words}, {clock}': 'Zuletzt bekannt: {words}, {clock}',
  Offline: 'Offline',
  stopped: 'angehalten',
  'checking the credentials': 'Zugangsdaten werden geprüft',
  connecting: 'verbindet sich',
  connected: 'verbunden',
  'connected, messages unreadable': 'verbunden, Nachrichten nicht lesbar',
  'setting sessions aside': 'Sitzungen werden beiseitegelegt',
  'waiting for the next try': 'wartet auf den nächsten Versuch',
  'waiting for a code': 'wartet auf einen Code',
  'another client is connected': 'ein anderer Client ist verbunden',
  'held back': 'zurückgehalten',
  Status: 'Status',
  'Only observing.': 'Nur beobachtend.',
  'Nothing is touched: what it says it would have done, it has not done.':
    'Nichts wird angerührt: Was es getan hätte, hat es nicht getan.',
  'Trying now': 'Versuch läuft',
  'Next try in': 'Nächster Versuch in',
  'a moment': 'einem Moment',
  'What to do': 'Was zu tun ist',
  'on {host}': 'auf {host}',
  for: 'seit',
  ', since': ', ab',
  'not connected for': 'nicht verbunden seit',
  'last heard': 'zuletzt gehört vor',
  'ago, at': ', um',
  'The host {host} does not answer.': 'Der Host {host} antwortet nicht.',
  'If it is gone, another host takes the account over by itself.':
    'Ist er weg, übernimmt ein anderer Host das Konto von selbst.',
  'This page does not hear its gateway.': 'Diese Seite hört ihr Gateway nicht.',
  'It tries again by itself; see that the gateway runs.':
    'Sie versucht es von selbst wieder; sorge dafür, dass das Gateway läuft.',
  'Was it down?': 'War es weg?',
  '24 hours': '24 Stunden',
  '7 days': '7 Tage',
  '30 days': '30 Tage',
  'in the last 24 hours': 'in den letzten 24 Stunden',
  'in the last 7 days': 'in den letzten 7 Tagen',
  'in the last 30 days': 'in den letzten 30 Tagen',
  'no record': 'keine Aufzeichnung',
  'since {moment}': 'seit {moment}',
  'Each bar is a day; the arrow keys go through them': 'Jeder Balken ist ein Tag; die Pfeiltasten führen hindurch',
  '{day}: no record': '{day}: keine Aufzeichnung',
  '{day}: {words} connected': '{day}: {words} verbunden',
  'A bar for each day': 'Ein Balken je Tag',
  today: 'heute',
  'Not down {words}.': '{words} nicht weg.',
  'Down {time} {words1}: {words2}.': '{words1} {time} weg: {words2}.',
  'Connected throughout {words1}: {words2}.': '{words1} durchgehend verbunden: {words2}.',
  'on {day}': 'am {day}',
  '{n} {n:incident|incidents}': '{n} {n:Vorfall|Vorfälle}',
  '{n} {n:short drop|short drops}': '{n} {n:kurzer Abbruch|kurze Abbrüche}',
  '{n} {n:incident|incidents} and {m} {m:short drop|short drops}':
    '{n} {n:Vorfall|Vorfälle} und {m} {m:kurzer Abbruch|kurze Abbrüche}',
  '{n} {n:short drop|short drops}, {words}': '{n} {n:kurzer Abbruch|kurze Abbrüche}, {words}',
  'WhatsApp’s side': 'aufseiten von WhatsApp',
  'the network': 'das Netz',
  'this host': 'dieser Host',
  'no cause was told': 'keine Ursache genannt',
  '{n} {n:message|messages} arrived late': '{n} {n:Nachricht|Nachrichten} kamen verspätet',
  '{n} {n:message|messages} arrived late, none lost':
    '{n} {n:Nachricht|Nachrichten} kamen verspätet, keine ging verloren',
  '{n} could not be read: asked for again': '{n} nicht lesbar: erneut angefordert',
  '{n} could not be read: asked for again, and read since': '{n} nicht lesbar: erneut angefordert und seither gelesen',
  '{n} could not be read: asked for again, and read': '{n} nicht lesbar: erneut angefordert und gelesen',
  'Down {time}: {words}': '{time} weg: {words}',
  'Down {time} so far: {words}': 'Bisher {time} weg: {words}',
  'Connected throughout: {words}': 'Durchgehend verbunden: {words}',
  'Stopped before it was over.': 'Angehalten, bevor es vorbei war.',
  'Not over yet.': 'Noch nicht vorbei.',
  'would have': 'hätte',
  '{time1} together, the longest {time2}': 'zusammen {time1}, der längste {time2}',
  'Show more of them': 'Mehr zeigen',
  'Time to heal': 'Zeit bis zur Heilung',
  Cause: 'Ursache',
  'How often': 'Wie oft',
  Median: 'Median',
  '{n} ×': '{n} ×',
  Messages: 'Nachrichten',
  'Last message in': 'Letzte eingegangen',
  'Last message out': 'Letzte gesendet',
  'Arrived, not taken in yet': 'Angekommen, noch nicht verarbeitet',
  Today: 'Heute',
  'Per minute, last hour': 'Je Minute, letzte Stunde',
  'Per minute, last hour: {words}': 'Je Minute, letzte Stunde: {words}',
  Versions: 'Versionen',
  'none yet': 'noch keine',
  'none since {moment}': 'keine seit {moment}',
  '{moment}, {time} ago': '{moment}, vor {time}',
  '{n} in, {m} out': '{n} ein, {m} aus',
  'counted since {moment}': 'gezählt seit {moment}',
  none: 'keine',
  'at most {n} a minute': 'höchstens {n} je Minute',
  'known once it connects': 'bekannt, sobald es sich verbindet',
  'counted on {host}': 'gezählt auf {host}',
  'WhatsApp {version}': 'WhatsApp {version}',
  'WhatsApp {version} · Baileys {baileys}': 'WhatsApp {version} · Baileys {baileys}',
  'Baileys {version}': 'Baileys {version}',
  '{name}: {words}.': '{name}: {words}.',
  // Labels, statuses and causes.
  Stopped: 'Angehalten',
  'Checking the credentials': 'Prüft die Zugangsdaten',
  Connecting: 'Verbindet sich',
  'Connected, healing': 'Verbunden, wird geheilt',
  'Connected, messages unreadable': 'Verbunden, Nachrichten nicht lesbar',
  'Setting sessions aside': 'Legt Sitzungen beiseite',
  Reconnecting: 'Verbindet sich neu',
  Linking: 'Wird verknüpft',
  'Scan the code': 'Code scannen',
  'Needs to be linked': 'Muss verknüpft werden',
  'Used by another client': 'Von einem anderen Client benutzt',
  'Waiting for another process': 'Wartet auf einen anderen Prozess',
  'Not let in': 'Nicht eingelassen',
  'Banned for a time': 'Vorübergehend gesperrt',
  'Blocked by WhatsApp': 'Von WhatsApp gesperrt',
  'Client refused': 'Client abgelehnt',
  'Disk in trouble': 'Probleme mit dem Datenträger',
  'In use elsewhere': 'Anderswo in Benutzung',
  '{words}, but the disk is in trouble': '{words}, aber der Datenträger hat Probleme',
  'WhatsApp banned this account for a time.': 'WhatsApp hat dieses Konto vorübergehend gesperrt.',
  'Wait until the ban is over.': 'Warte, bis die Sperre vorbei ist.',
  'Do not pair again: that does not end the ban, and may make it longer.':
    'Verknüpfe nicht neu: Das beendet die Sperre nicht und kann sie verlängern.',
  'WhatsApp locked this account.': 'WhatsApp hat dieses Konto verriegelt.',
  'Open WhatsApp on the phone and follow what it says, then {words}.':
    'Öffne WhatsApp auf dem Telefon und folge den Anweisungen, dann {words}.',
  'WhatsApp banned this account.': 'WhatsApp hat dieses Konto gesperrt.',
  'Ask WhatsApp for a review in the app on the phone, then {words}.':
    'Beantrage in der App auf dem Telefon eine Überprüfung durch WhatsApp, dann {words}.',
  'press “Reconnect”': 'drücke „Neu verbinden“',
  '“Show a code”': '„Code zeigen“',
  '“Link with the phone number”': '„Mit der Telefonnummer verknüpfen“',
  'call reconnect()': 'rufe reconnect() auf',
  'Call start().': 'Rufe start() auf.',
  'Start it in the program that runs it.': 'Starte es in dem Programm, das es ausführt.',
  'Let the program that runs it heal (lifeline run: without --observe)':
    'Lass das Programm, das es ausführt, heilen (lifeline run: ohne --observe)',
  "Switch to mode 'heal'": "Wechsle in den Modus 'heal'",
  '{words} to let the sessions be set aside.': '{words}, damit die Sitzungen beiseitegelegt werden.',
  '{words} to let new sessions be made for them.': '{words}, damit neue Sitzungen für sie entstehen.',
  '{words} to let it be done.': '{words}, damit es geschieht.',
  'WhatsApp no longer accepts this client version.': 'WhatsApp nimmt diese Client-Version nicht mehr an.',
  'WhatsApp no longer accepts this client version, {version}.':
    'WhatsApp nimmt diese Client-Version, {version}, nicht mehr an.',
  'Update @whiskeysockets/baileys, or pass a current `version` to makeWASocket; lifeline run takes --wa-version latest.':
    'Aktualisiere @whiskeysockets/baileys oder gib makeWASocket eine aktuelle `version`; lifeline run nimmt --wa-version latest.',
  'The credentials stay valid.': 'Die Zugangsdaten bleiben gültig.',
  'WhatsApp refuses this client as it is configured.': 'WhatsApp lehnt diesen Client in seiner Konfiguration ab.',
  'Check the options of makeWASocket (browser, version) and update @whiskeysockets/baileys.':
    'Prüfe die Optionen von makeWASocket (browser, version) und aktualisiere @whiskeysockets/baileys.',
  'The credentials cannot be read or written.': 'Die Zugangsdaten lassen sich nicht lesen oder schreiben.',
  'Check the free space, the permissions and the health of the disk.':
    'Prüfe freien Platz, Rechte und Zustand des Datenträgers.',
  'Once it works, what waits is saved by itself.': 'Sobald es klappt, wird alles Wartende von selbst gespeichert.',
  'Once it works, the account reconnects by itself.': 'Sobald es klappt, verbindet sich das Konto von selbst.',
  'The stored credentials cannot be used.': 'Die gespeicherten Zugangsdaten sind nicht brauchbar.',
  'The stored credentials cannot be used: {words}': 'Die gespeicherten Zugangsdaten sind nicht brauchbar: {words}',
  'Mend what this names.': 'Behebe, was hier genannt ist.',
  'The account is tried again by itself.': 'Das Konto wird von selbst wieder versucht.',
  'The credentials are no longer in their place.': 'Die Zugangsdaten sind nicht mehr an ihrem Ort.',
  'They were deleted or moved, or their disk is not mounted.':
    'Sie wurden gelöscht oder verschoben, oder ihr Datenträger ist nicht eingehängt.',
  'Put them back: the account then reconnects by itself.':
    'Bring sie zurück: Das Konto verbindet sich dann von selbst.',
  'Or restart the program and link again.': 'Oder starte das Programm neu und verknüpfe neu.',
  'Another process uses these credentials.': 'Ein anderer Prozess benutzt diese Zugangsdaten.',
  'Stop the other process.': 'Beende den anderen Prozess.',
  'This one then continues by itself.': 'Dieser macht dann von selbst weiter.',
  'Another process has locked these credentials.': 'Ein anderer Prozess hat diese Zugangsdaten verriegelt.',
  'Whether it still runs cannot be seen from here.': 'Ob er noch läuft, ist von hier nicht zu sehen.',
  'Wait: supervision starts by itself when the lock expires.':
    'Warte: Die Überwachung beginnt von selbst, wenn die Verriegelung abläuft.',
  'If the other process still runs, stop it.': 'Läuft der andere Prozess noch, beende ihn.',
  'This account is not linked yet.': 'Dieses Konto ist noch nicht verknüpft.',
  'The phone or WhatsApp unlinked this device.': 'Das Telefon oder WhatsApp hat dieses Gerät entfernt.',
  'WhatsApp no longer accepts these credentials.': 'WhatsApp nimmt diese Zugangsdaten nicht mehr an.',
  'WhatsApp asks for a restart again and again, and does not accept these credentials.':
    'WhatsApp verlangt immer wieder einen Neustart und nimmt diese Zugangsdaten nicht an.',
  'The stored credentials cannot be read, and no good earlier copy exists.':
    'Die gespeicherten Zugangsdaten sind nicht lesbar, und es gibt keine gute frühere Kopie.',
  'A new code was asked for.': 'Ein neuer Code wurde angefordert.',
  'WhatsApp cannot be reached over the network.': 'WhatsApp ist über das Netz nicht erreichbar.',
  'A proxy or sign-in page stands between this host and WhatsApp.':
    'Zwischen diesem Host und WhatsApp steht ein Proxy oder eine Anmeldeseite.',
  'If this goes on, sign in to the network, or allow web.whatsapp.com in the proxy.':
    'Hält das an, melde dich im Netz an oder erlaube web.whatsapp.com im Proxy.',
  "The server's certificate is not valid at the time that this host's clock shows.":
    'Das Zertifikat des Servers ist zur Uhrzeit dieses Hosts nicht gültig.',
  'Set the clock of this host.': 'Stelle die Uhr dieses Hosts.',
  'It may have lost the time in a power cut.': 'Vielleicht ging sie durch einen Stromausfall verloren.',
  'WhatsApp has a problem on its side.': 'WhatsApp hat selbst ein Problem.',
  'The connection broke with a protocol error.': 'Die Verbindung brach mit einem Protokollfehler ab.',
  'Session files are not the reason.': 'An den Sitzungsdateien liegt es nicht.',
  'WhatsApp asked for a restart of the connection.': 'WhatsApp verlangte einen Neustart der Verbindung.',
  'Another client connected with the same credentials.':
    'Ein anderer Client hat sich mit denselben Zugangsdaten verbunden.',
  'If this program runs twice, stop one of them.': 'Läuft dieses Programm zweimal, beende eines davon.',
  'WhatsApp said that this device is unlinked.': 'WhatsApp sagt, dieses Gerät sei entfernt.',
  'One more login shows whether that is so.': 'Eine weitere Anmeldung zeigt, ob das stimmt.',
  'WhatsApp refused the connection once.': 'WhatsApp hat die Verbindung einmal abgelehnt.',
  'One more login shows whether it means it.': 'Eine weitere Anmeldung zeigt, ob es ernst gemeint ist.',
  'The connect function failed.': 'Die Funktion connect ist fehlgeschlagen.',
  'The connect function failed: {error}': 'Die Funktion connect ist fehlgeschlagen: {error}',
  'Mend that function.': 'Behebe den Fehler darin.',
  'It will be called again.': 'Sie wird wieder aufgerufen.',
  'The connection did not open in time.': 'Die Verbindung kam nicht rechtzeitig zustande.',
  'A message came in and could not be taken in to its end, so none after it was.':
    'Eine Nachricht kam an und konnte nicht fertig verarbeitet werden, also auch keine danach.',
  'If this happens again, look at the store of the credentials: it may not answer.':
    'Passiert das wieder, sieh nach dem Speicher der Zugangsdaten: Vielleicht antwortet er nicht.',
  'The store of the credentials did not answer, so messages could not be read or kept.':
    'Der Speicher der Zugangsdaten hat nicht geantwortet, darum konnten Nachrichten nicht gelesen oder behalten werden.',
  'Look at the disk or the database that keeps the credentials.':
    'Sieh nach dem Datenträger oder der Datenbank mit den Zugangsdaten.',
  'Messages are read once it answers.': 'Nachrichten werden gelesen, sobald er antwortet.',
  'No message came or went for longer than this account is expected to be quiet.':
    'Länger als für dieses Konto erwartet kam und ging keine Nachricht.',
  'Nothing arrived any more, and the ping was not answered.': 'Es kam nichts mehr an, und der Ping blieb ohne Antwort.',
  'The host slept, so the old link is dead.': 'Der Host hat geschlafen, die alte Verbindung ist tot.',
  'The connection ended: {error}': 'Die Verbindung endete: {error}',
  'Sessions were set aside.': 'Sitzungen wurden beiseitegelegt.',
  'Connecting again with the same credentials.': 'Verbindet sich neu mit denselben Zugangsdaten.',
  'The connection was lost.': 'Die Verbindung ging verloren.',
  'Many attempts failed.': 'Viele Versuche sind fehlgeschlagen.',
  'Now there is one every few minutes, without end.': 'Jetzt folgt alle paar Minuten einer, ohne Ende.',
  'If this does not help, link again with {words}.': 'Hilft das nicht, verknüpfe neu mit {words}.',
  '{n} {n:message|messages} from {m} {m:device|devices} cannot be read.':
    '{n} {n:Nachricht|Nachrichten} von {m} {m:Gerät|Geräten} {n:ist|sind} nicht lesbar.',
  '{n} {n:message|messages} from {m} {m:device|devices} cannot be read, and {words}.':
    '{n} {n:Nachricht|Nachrichten} von {m} {m:Gerät|Geräten} {n:ist|sind} nicht lesbar: {words}.',
  'Nothing to do yet: this is being healed.': 'Noch nichts zu tun: Das wird gerade geheilt.',
  'Nothing to do yet: Baileys asks for the messages again by itself.':
    'Noch nichts zu tun: Baileys fragt von selbst noch einmal nach den Nachrichten.',
  'Nothing to do yet: Baileys sends again by itself what it still has.':
    'Noch nichts zu tun: Baileys sendet von selbst noch einmal, was es noch hat.',
  'Ask the senders to send their messages again.': 'Bitte die Absender, ihre Nachrichten erneut zu senden.',
  'New sessions did not help.': 'Neue Sitzungen halfen nicht.',
  'Ask them to write to this account: that starts a new session.':
    'Bitte sie, diesem Konto zu schreiben: Das beginnt eine neue Sitzung.',
  '{words} cannot read what you send': '{words}: kann nicht lesen, was du sendest',
  '{words} cannot read what you send, and new sessions did not help.':
    '{words}: kann nicht lesen, was du sendest, und neue Sitzungen halfen nicht.',
  '{n} {n:contact|contacts}': '{n} {n:Kontakt|Kontakte}',
  'your own phone': 'dein eigenes Telefon',
  nobody: 'niemand',
  '{n} {n:other linked device of yours|other linked devices of yours}':
    '{n} {n:weiteres verknüpftes Gerät|weitere verknüpfte Geräte} von dir',
  '{words1} and {words2}': '{words1} und {words2}',
  '{words1}, {words2} and {words3}': '{words1}, {words2} und {words3}',
  'That link is being undone.': 'Diese Verknüpfung wird rückgängig gemacht.',
  'That link was undone.': 'Diese Verknüpfung wurde rückgängig gemacht.',
  'That link is not used, but it could not be undone.':
    'Diese Verknüpfung wird nicht benutzt, ließ sich aber nicht rückgängig machen.',
  'Remove it on that phone, under Linked devices.': 'Entferne sie auf jenem Telefon unter „Verknüpfte Geräte“.',
  'Read what the phone says.': 'Lies, was das Telefon sagt.',
  'If it wants a passkey for linked devices, this version of Baileys cannot go through that step, and another code ends the same way: update Baileys once it can.':
    'Will es einen Passkey für verknüpfte Geräte, kann diese Baileys-Version den Schritt nicht, und ein weiterer Code endet genauso: Aktualisiere Baileys, sobald es das kann.',
  'Remove devices that are no longer used, under Linked devices: there is room for four.':
    'Entferne unter „Verknüpfte Geräte“ Geräte, die nicht mehr benutzt werden: Platz ist für vier.',
  'Then scan the next code.': 'Scanne dann den nächsten Code.',
  'Wait: the login is tried again by itself.': 'Warte: Die Anmeldung wird von selbst wieder versucht.',
  'If this goes on, look on the phone, under Linked devices, whether the new device is there.':
    'Hält das an, sieh auf dem Telefon unter „Verknüpfte Geräte“ nach, ob das neue Gerät da ist.',
  'The code was scanned; WhatsApp does not answer the new device.':
    'Der Code wurde gescannt; WhatsApp antwortet dem neuen Gerät nicht.',
  'The code was scanned; WhatsApp did not let the new device in.':
    'Der Code wurde gescannt; WhatsApp ließ das neue Gerät nicht ein.',
  'The code was scanned {n} times; WhatsApp does not answer the new device.':
    'Der Code wurde {n} Mal gescannt; WhatsApp antwortet dem neuen Gerät nicht.',
  'The code was scanned {n} times; WhatsApp did not let the new device in.':
    'Der Code wurde {n} Mal gescannt; WhatsApp ließ das neue Gerät nicht ein.',
  'WhatsApp refused to give a pairing code.': 'WhatsApp gab keinen Kopplungscode.',
  'WhatsApp refused to give a pairing code ({code}).': 'WhatsApp gab keinen Kopplungscode ({code}).',
  'Wait an hour before you ask for another one: it was asked too often.':
    'Warte eine Stunde, bevor du einen weiteren anforderst: Es wurde zu oft gefragt.',
  'Wait {n} {n:minute|minutes} before you ask for another one: it was asked too often.':
    'Warte {n} {n:Minute|Minuten}, bevor du einen weiteren anforderst: Es wurde zu oft gefragt.',
  "Check the number, with its country code, and `browser` in the options of makeWASocket: take one of Baileys' own Browsers, such as Browsers.macOS('Chrome').":
    "Prüfe die Nummer mit Ländervorwahl und `browser` in den Optionen von makeWASocket: Nimm einen von Baileys' eigenen Browsers, etwa Browsers.macOS('Chrome').",
  'Check the number, with its country code, and ask again later.':
    'Prüfe die Nummer mit Ländervorwahl und frage später noch einmal.',
  'Or scan the code.': 'Oder scanne den Code.',
  'Another number (ending in {digits}) scanned the code, not the expected one.':
    'Eine andere Nummer (endet auf {digits}) hat den Code gescannt, nicht die erwartete.',
  'The new pairing is being completed.': 'Die neue Verknüpfung wird abgeschlossen.',
  'On the phone: WhatsApp, Linked devices, Link a device, and scan the code.':
    'Auf dem Telefon: WhatsApp, „Verknüpfte Geräte“, „Gerät hinzufügen“, dann den Code scannen.',
  'On the phone with the expected number: WhatsApp, Linked devices, Link a device, and scan the code.':
    'Auf dem Telefon mit der erwarteten Nummer: WhatsApp, „Verknüpfte Geräte“, „Gerät hinzufügen“, dann den Code scannen.',
  'On the phone: WhatsApp, Linked devices, Link a device, Link with phone number instead, and type the pairing code there.':
    'Auf dem Telefon: WhatsApp, „Verknüpfte Geräte“, „Gerät hinzufügen“, „Stattdessen mit Telefonnummer verknüpfen“, dann den Kopplungscode eintippen.',
  'On the phone with the expected number: WhatsApp, Linked devices, Link a device, Link with phone number instead, and type the pairing code there.':
    'Auf dem Telefon mit der erwarteten Nummer: WhatsApp, „Verknüpfte Geräte“, „Gerät hinzufügen“, „Stattdessen mit Telefonnummer verknüpfen“, dann den Kopplungscode eintippen.',
  'No code is shown at the moment.': 'Im Moment wird kein Code gezeigt.',
  'It will be tried again.': 'Es wird wieder versucht.',
  'Wait for the next code: it comes by itself.': 'Warte auf den nächsten Code: Er kommt von selbst.',
  'Or ask for one with {words1} or {words2}.': 'Oder fordere einen an mit {words1} oder {words2}.',
  'No code comes by itself.': 'Von selbst kommt kein Code.',
  'Ask for one with {words1} or {words2}.': 'Fordere einen an mit {words1} oder {words2}.',
  'The stored credentials are being checked.': 'Die gespeicherten Zugangsdaten werden geprüft.',
  'Connecting to WhatsApp.': 'Verbindet sich mit WhatsApp.',
  'Session files are being set aside: {words}.': 'Sitzungsdateien werden beiseitegelegt: {words}.',
  'they are damaged': 'sie sind beschädigt',
  'The credentials stay.': 'Die Zugangsdaten bleiben.',
  'Another client keeps connecting with the same credentials.':
    'Ein anderer Client verbindet sich immer wieder mit denselben Zugangsdaten.',
  'Stop the other program that uses this account folder or a copy of it, then {words}.':
    'Beende das andere Programm, das diesen Kontoordner oder eine Kopie davon benutzt, dann {words}.',
  'Observing only: nothing is healed.': 'Nur beobachtend: Nichts wird geheilt.',
  'Observing only: all sessions would have been set aside.':
    'Nur beobachtend: Alle Sitzungen wären beiseitegelegt worden.',
  'Observing only: {n} {n:session|sessions} would have been set aside.':
    'Nur beobachtend: {n} {n:Sitzung wäre|Sitzungen wären} beiseitegelegt worden.',
  'Observing only: {n} {n:session|sessions} would be set aside now.':
    'Nur beobachtend: {n} {n:Sitzung würde|Sitzungen würden} jetzt beiseitegelegt.',
  'Observing only: all sessions would be set aside now.':
    'Nur beobachtend: Alle Sitzungen würden jetzt beiseitegelegt.',
  'Observing only.': 'Nur beobachtend.',
  'Observing only: no new session was made for them.': 'Nur beobachtend: Für sie entstand keine neue Sitzung.',
  'The connection is unstable: {n} {n:close|closes} within an hour, mostly: {words}.':
    'Die Verbindung ist instabil: {n} {n:Abbruch|Abbrüche} innerhalb einer Stunde, meist: {words}.',
  'The connection is unstable: {n} {n:close|closes} in the last hour, mostly: {words}.':
    'Die Verbindung ist instabil: {n} {n:Abbruch|Abbrüche} in der letzten Stunde, meist: {words}.',
  'The connection is stable again: {n} {n:close|closes} in the last hour.':
    'Die Verbindung ist wieder stabil: {n} {n:Abbruch|Abbrüche} in der letzten Stunde.',
  'But writing to the disk fails: {error}': 'Aber das Schreiben auf den Datenträger schlägt fehl: {error}',
  'no network, or the server out of reach': 'kein Netz, oder der Server ist nicht erreichbar',
  'a proxy or sign-in page in between': 'ein Proxy oder eine Anmeldeseite dazwischen',
  'the link went silent': 'die Verbindung verstummte',
  'no answer in time': 'keine rechtzeitige Antwort',
  'the connection was closed': 'die Verbindung wurde geschlossen',
  'trouble on the side of WhatsApp': 'Probleme aufseiten von WhatsApp',
  'a wrong clock on this host': 'eine falsche Uhr auf diesem Host',
  'a broken stream': 'ein gestörter Datenstrom',
  'WhatsApp asked for a restart': 'WhatsApp verlangte einen Neustart',
  'another connection with the same credentials': 'eine andere Verbindung mit denselben Zugangsdaten',
  'unlinked by the phone or WhatsApp': 'vom Telefon oder von WhatsApp entfernt',
  'credentials refused': 'Zugangsdaten abgelehnt',
  'banned for a time': 'vorübergehend gesperrt',
  'account locked': 'Konto verriegelt',
  'account banned': 'Konto gesperrt',
  'client version too old': 'Client-Version zu alt',
  'client refused as configured': 'Client in dieser Konfiguration abgelehnt',
  'nobody scanned the code': 'niemand scannte den Code',
  'a pairing failed': 'eine Verknüpfung schlug fehl',
  'logged out by this program': 'von diesem Programm abgemeldet',
  'the connect function failed': 'die Funktion connect schlug fehl',
  'the connection did not open in time': 'die Verbindung kam nicht rechtzeitig zustande',
  'messages came in and none got through': 'Nachrichten kamen an, keine kam durch',
  'the store of the credentials did not answer': 'der Speicher der Zugangsdaten antwortete nicht',
  'no message for longer than expected': 'länger als erwartet keine Nachricht',
  'a dead link that looked open': 'eine tote Verbindung, die offen schien',
  'the host slept': 'der Host schlief',
  'a reconnect that was asked for': 'eine angeforderte neue Verbindung',
  'closed for an unknown reason': 'aus unbekanntem Grund geschlossen',
  'supervision stopped': 'Überwachung angehalten',
  'a look at the credentials': 'ein Blick auf die Zugangsdaten',
  'a connection that did not come about': 'eine Verbindung, die nicht zustande kam',
  'a connection that did not last': 'eine Verbindung, die nicht hielt',
  'messages that cannot be read': 'nicht lesbare Nachrichten',
  'sessions set aside': 'Sitzungen beiseitegelegt',
  'a lost connection': 'eine verlorene Verbindung',
  'a code was needed': 'ein Code war nötig',
  'another client with the same credentials': 'ein anderer Client mit denselben Zugangsdaten',
  'the account was held back': 'das Konto wurde zurückgehalten',
  'the run before ended without a stop (crash, kill or power cut)':
    'der vorige Lauf endete ohne Anhalten (Absturz, Abbruch oder Stromausfall)',
  // Incidents, notices and refusals.
  '{words} ({code})': '{words} ({code})',
  'less than a second': 'weniger als eine Sekunde',
  'pre-key ids in the credentials repaired': 'Pre-Key-Nummern in den Zugangsdaten repariert',
  'credentials untouched': 'Zugangsdaten unberührt',
  'credentials restored from their last good copy': 'Zugangsdaten aus der letzten guten Kopie wiederhergestellt',
  'linked for the first time': 'zum ersten Mal verknüpft',
  'linked anew, the old credentials kept in the quarantine':
    'neu verknüpft, die alten Zugangsdaten liegen in der Quarantäne',
  'unstable: {n} {n:close|closes}, mostly: {words}': 'instabil: {n} {n:Abbruch|Abbrüche}, meist: {words}',
  '{words1}; {words2}': '{words1}; {words2}',
  '{n} {n:contact|contacts} unreadable': '{n} {n:Kontakt|Kontakte} nicht lesbar',
  '{n} could not read what was sent': '{n} {n:konnte|konnten} Gesendetes nicht lesen',
  '{n} {n:session|sessions} made anew': '{n} {n:Sitzung|Sitzungen} neu erstellt',
  '{n} {n:session|sessions} set aside': '{n} {n:Sitzung|Sitzungen} beiseitegelegt',
  'all sessions set aside': 'alle Sitzungen beiseitegelegt',
  'all sessions': 'alle Sitzungen',
  '{n} {n:session|sessions}': '{n} {n:Sitzung|Sitzungen}',
  'would have made {words} anew': 'hätte {words} neu erstellt',
  'would have set {words} aside': 'hätte {words} beiseitegelegt',
  'would have moved {words} to the other address of the contact':
    'hätte {words} zur anderen Adresse des Kontakts verschoben',
  'would have put the last good credentials back': 'hätte die letzten guten Zugangsdaten zurückgelegt',
  'would have set the key of a member for a group aside':
    'hätte den Schlüssel eines Mitglieds für eine Gruppe beiseitegelegt',
  'would have raised the pre-key ids': 'hätte die Pre-Key-Nummern angehoben',
  'would have mended fields of the credentials': 'hätte Felder der Zugangsdaten repariert',
  '{words} made anew while connected': '{words} bei offener Verbindung neu erstellt',
  '{words} found under the other address of the contact': '{words} unter der anderen Adresse des Kontakts gefunden',
  'the key of a member for a group set aside': 'der Schlüssel eines Mitglieds für eine Gruppe beiseitegelegt',
  'the credentials replaced by their last good copy': 'die Zugangsdaten durch ihre letzte gute Kopie ersetzt',
  'the pre-key ids in the credentials raised': 'die Pre-Key-Nummern in den Zugangsdaten angehoben',
  'fields of the credentials mended': 'Felder der Zugangsdaten repariert',
  'Supervision stopped.': 'Überwachung angehalten.',
  'Looked at the stored credentials.': 'Gespeicherte Zugangsdaten geprüft.',
  'Dialled WhatsApp.': 'WhatsApp angewählt.',
  'Connected.': 'Verbunden.',
  'Connected, but messages cannot be read.': 'Verbunden, aber Nachrichten sind nicht lesbar.',
  'Began to set sessions aside.': 'Begann, Sitzungen beiseitezulegen.',
  'Disconnected; dials again after a pause.': 'Getrennt; wählt nach einer Pause neu.',
  'A code is needed to link the account.': 'Zum Verknüpfen ist ein Code nötig.',
  'Holds off, since another client uses the account.': 'Hält sich zurück, da ein anderer Client das Konto benutzt.',
  'Holds off, since dialling would not help.': 'Hält sich zurück, da Wählen nicht helfen würde.',
  'Messages can be read again.': 'Nachrichten sind wieder lesbar.',
  'Closed: {words}.': 'Geschlossen: {words}.',
  'Told ({kind}): {words}': 'Gemeldet ({kind}): {words}',
  'Failed while {doing}: {error}': 'Fehlgeschlagen bei {doing}: {error}',
  'Supervision started.': 'Überwachung begonnen.',
  'Started again after a run that ended without a stop.': 'Nach einem Lauf, der ohne Anhalten endete, neu gestartet.',
  'Started again after a run that ended without a stop, last seen {time} before.':
    'Nach einem Lauf, der ohne Anhalten endete, neu gestartet; zuletzt gesehen {time} davor.',
  'Supervision was stopped as asked.': 'Überwachung wie gewünscht angehalten.',
  'No contact is unreadable any more.': 'Kein Kontakt ist mehr unlesbar.',
  '{n} {n:contact|contacts} unreadable, {m} {m:message|messages}.':
    '{n} {n:Kontakt|Kontakte} nicht lesbar, {m} {m:Nachricht|Nachrichten}.',
  'What is sent can be read by all again.': 'Gesendetes können wieder alle lesen.',
  '{words} cannot read what is sent, {n} {n:message|messages}.':
    '{words}: Gesendetes nicht lesbar, {n} {n:Nachricht|Nachrichten}.',
  '{n} {n:device of the account itself|devices of the account itself}':
    '{n} {n:eigenes Gerät|eigene Geräte} des Kontos',
  '{n} {n:message|messages} could not be read, and asked for again.':
    '{n} {n:Nachricht|Nachrichten} nicht lesbar und erneut angefordert.',
  '{n} {n:message|messages} could be read after all.': '{n} {n:Nachricht|Nachrichten} doch noch gelesen.',
  'Tried {n} more times in {time}; each ended the same way: {words}.':
    'In {time} noch {n} Mal versucht; jedes Mal mit demselben Ende: {words}.',
  '{n} {n:session file was|session files were} set aside.':
    '{n} {n:Sitzungsdatei wurde|Sitzungsdateien wurden} beiseitegelegt.',
  '{n} {n:session file was|session files were} set aside: {words}.':
    '{n} {n:Sitzungsdatei wurde|Sitzungsdateien wurden} beiseitegelegt: {words}.',
  '{n} {n:session file was|session files were} set aside, as a person asked.':
    '{n} {n:Sitzungsdatei wurde|Sitzungsdateien wurden} beiseitegelegt, wie gewünscht.',
  'All sessions: {words}': 'Alle Sitzungen: {words}',
  'nothing can load them': 'nichts kann sie laden',
  'They lie in the quarantine as {id}.': 'Sie liegen als {id} in der Quarantäne.',
  'The connection stays up.': 'Die Verbindung bleibt bestehen.',
  'Tried: {words}.': 'Versucht: {words}.',
  'new sessions while connected': 'neue Sitzungen bei offener Verbindung',
  'setting the failing sessions aside': 'Beiseitelegen der fehlerhaften Sitzungen',
  'setting all sessions aside': 'Beiseitelegen aller Sitzungen',
  '{words1}, {words2}': '{words1}, {words2}',
  'setting session files aside cannot cure what these messages fail with':
    'Beiseitelegen von Sitzungsdateien hilft bei diesem Fehler nicht',
  'it was tried and did not help': 'es wurde versucht und half nicht',
  'the budget for today is used up': 'das Budget für heute ist aufgebraucht',
  'It reconnects by itself.': 'Es verbindet sich von selbst neu.',
  'If this goes on, look at the network of this host: the line, the proxy.':
    'Hält das an, sieh nach dem Netz dieses Hosts: Leitung, Proxy.',
  'Keep this host awake, and its clock from being set again and again.':
    'Halte diesen Host wach, und sorge dafür, dass seine Uhr nicht ständig verstellt wird.',
  'It reconnects by itself, after a longer pause each time.':
    'Es verbindet sich von selbst neu, jedes Mal nach einer längeren Pause.',
  'Not connected for {time}.': 'Nicht verbunden seit {time}.',
  'Connected again after {time}.': 'Nach {time} wieder verbunden.',
  'The stored credentials could not be read; the good copy of {moment} was put back.':
    'Die gespeicherten Zugangsdaten waren nicht lesbar; die gute Kopie vom {moment} wurde zurückgelegt.',
  'The damaged file is kept.': 'Die beschädigte Datei bleibt erhalten.',
  'Linked.': 'Verknüpft.',
  'Linked as {id}.': 'Verknüpft als {id}.',
  'Linked again; the old credentials, if any, lie in the quarantine.':
    'Neu verknüpft; die alten Zugangsdaten liegen, falls vorhanden, in der Quarantäne.',
  'Linked again as {id}; the old credentials, if any, lie in the quarantine.':
    'Neu verknüpft als {id}; die alten Zugangsdaten liegen, falls vorhanden, in der Quarantäne.',
  'Nobody is signed in here.': 'Hier ist niemand angemeldet.',
  'Sign in with the token, which stands in .lifeline/dashboard-token beside the credentials, or with a link that `lifeline link --owner` makes.':
    'Melde dich mit dem Token aus .lifeline/dashboard-token neben den Zugangsdaten an, oder mit einem Link von `lifeline link --owner`.',
  'Sign in with the token.': 'Melde dich mit dem Token an.',
  'A one-time link shows the code, and nothing else.': 'Ein Einmal-Link zeigt den Code und sonst nichts.',
  'Too many viewers watch at the moment.': 'Im Moment sehen zu viele zu.',
  'Close some of them, or raise the option maxViewers.': 'Schließe einige, oder erhöhe die Option maxViewers.',
  'This link has asked for new codes already.': 'Dieser Link hat schon neue Codes angefordert.',
  'No new codes can be asked for now.': 'Jetzt können keine neuen Codes angefordert werden.',
  'No characters to type can be asked for now.': 'Jetzt kann kein Code zum Eintippen angefordert werden.',
  'Ask whoever sent you the link.': 'Frag die Person, die dir den Link geschickt hat.',
  'There is no such account here.': 'Dieses Konto gibt es hier nicht.',
  'See the list of accounts.': 'Sieh in die Liste der Konten.',
  'This is not a phone number.': 'Das ist keine Telefonnummer.',
  'Give it with its country code, digits only, e.g. {phone}.':
    'Gib sie mit Ländervorwahl an, nur Ziffern, z. B. {phone}.',
  'The dashboard met an error of its own: {error}': 'Die Seite hatte selbst einen Fehler: {error}',
  'If it happens again, report it.': 'Passiert es wieder, melde es.',
  'Try again.': 'Versuche es noch einmal.',
  'nothing came back for what the account wrote to itself':
    'nichts kam zurück auf das, was das Konto sich selbst schrieb',
  'No newer one is known here.': 'Eine neuere ist hier nicht bekannt.',
  'The newest that is known here is {version}.': 'Die neueste hier bekannte ist {version}.',
  'The account wrote to its own chat twice, and nothing came back, while pings were answered.':
    'Das Konto schrieb zweimal in den eigenen Chat, und nichts kam zurück, während Pings beantwortet wurden.',
  'Messages arrive again.': 'Nachrichten kommen wieder an.',
  'Nothing comes back for what the account writes to its own chat, on a new connection either, and nothing else arrives.':
    'Was das Konto in den eigenen Chat schreibt, kommt auch auf einer neuen Verbindung nicht zurück, und sonst kommt nichts an.',
  'Look whether the phone is on and online: one that is off gives no answer, and then this means nothing.':
    'Sieh nach, ob das Telefon an und online ist: Ist es aus, antwortet es nicht, und dann bedeutet das nichts.',
  'Otherwise restart this program.': 'Sonst starte dieses Programm neu.',
  'The account was claimed again.': 'Das Konto wurde wieder übernommen.',
  // Why a state was entered.
  'A ban from before the restart still lasts.': 'Eine Sperre von vor dem Neustart gilt noch.',
  'A code is shown as soon as it is known that no other process owns the folder.':
    'Ein Code erscheint, sobald feststeht, dass kein anderer Prozess den Ordner benutzt.',
  'A code is shown as soon as the files are in their place.':
    'Ein Code erscheint, sobald die Dateien an ihrem Platz sind.',
  'A code was scanned before the restart; that pairing goes on.':
    'Vor dem Neustart wurde ein Code gescannt; diese Verknüpfung geht weiter.',
  'A code, or the next one.': 'Ein Code, oder der nächste.',
  'A message from a pruned address was read: the prune helped.':
    'Eine Nachricht von einer behandelten Adresse wurde gelesen: Das Beiseitelegen half.',
  'A new code is needed: it gets an identity of its own.':
    'Ein neuer Code ist nötig: Er bekommt eine eigene Identität.',
  'A new day has a new budget.': 'Ein neuer Tag hat ein neues Budget.',
  'A person asked for a new code.': 'Jemand hat einen neuen Code angefordert.',
  'It is shown once it is known that no other process owns the folder.':
    'Er erscheint, sobald feststeht, dass kein anderer Prozess den Ordner benutzt.',
  'A person asked for a pairing code.': 'Jemand hat einen Code zum Eintippen angefordert.',
  'A person asked to set sessions aside.': 'Jemand wollte Sitzungen beiseitelegen.',
  'A person says that it is settled.': 'Jemand sagt, dass es geklärt ist.',
  'A person says that the other client is gone.': 'Jemand sagt, dass der andere Client weg ist.',
  'A restart after the scan is part of pairing.': 'Ein Neustart nach dem Scannen gehört zum Verknüpfen.',
  'A service failed that nobody waits for any more.': 'Ein Dienst schlug fehl, auf den niemand mehr wartet.',
  'A socket that does not open in time is given up.':
    'Eine Verbindung, die nicht rechtzeitig aufgeht, wird aufgegeben.',
  'A write failed; the old content stands.': 'Das Schreiben schlug fehl; der alte Inhalt bleibt.',
  'Another client uses these credentials; dialling on would only fight it.':
    'Ein anderer Client benutzt diese Zugangsdaten; weiter zu wählen wäre nur ein Streit mit ihm.',
  'Another number than the expected one scanned the code.':
    'Eine andere Nummer als die erwartete hat den Code gescannt.',
  'Another process owns the folder, so nothing was touched.':
    'Ein anderer Prozess benutzt den Ordner, darum wurde nichts angefasst.',
  'Another process owns the folder.': 'Ein anderer Prozess benutzt den Ordner.',
  'Another process took the folder over.': 'Ein anderer Prozess hat den Ordner übernommen.',
  'Asked to reconnect now.': 'Sofort neu zu verbinden wurde angefordert.',
  'Asked to reconnect.': 'Neu zu verbinden wurde angefordert.',
  'Asked to start while the last run ends.': 'Der Start wurde angefordert, während der letzte Lauf endet.',
  'Asked to start.': 'Der Start wurde angefordert.',
  'Asked to stop.': 'Das Anhalten wurde angefordert.',
  'Asked to try the old credentials again.': 'Ein Versuch mit den alten Zugangsdaten wurde angefordert.',
  'Contacts ask again for what was sent and cannot read it.':
    'Kontakte fragen erneut nach Gesendetem, das sie nicht lesen können.',
  'Every rung was tried before the reconnect.': 'Vor dem Neuverbinden wurde jede Stufe versucht.',
  'First the live cure: new sessions for the failing addresses, the socket stays open.':
    'Zuerst die Heilung bei offener Verbindung: neue Sitzungen für die betroffenen Adressen.',
  'Many contacts fail and none succeeds: waiting on would only lose messages.':
    'Viele Kontakte sind nicht lesbar und keiner ist es: Weiter zu warten würde nur Nachrichten kosten.',
  'Messages still cannot be read although sessions were set aside.':
    'Nachrichten sind immer noch nicht lesbar, obwohl Sitzungen beiseitegelegt wurden.',
  'New sessions did not help those who cannot read what was sent; a person is told, the connection stays.':
    'Neue Sitzungen halfen denen nicht, die Gesendetes nicht lesen können; jemand wird benachrichtigt, die Verbindung bleibt.',
  'No code came in time.': 'Kein Code kam rechtzeitig.',
  'No other client pushed us out: the conflict is over.':
    'Kein anderer Client hat uns verdrängt: Der Konflikt ist vorbei.',
  'Nothing came from where sessions were set aside, so nobody knows whether it helped.':
    'Von dort, wo Sitzungen beiseitegelegt wurden, kam nichts; ob es half, weiß niemand.',
  'Nothing is wrong with the account: dial again.': 'Am Konto liegt es nicht: erneut verbinden.',
  'Observing only, so no code comes until a person asks.':
    'Nur beobachtend, darum kommt kein Code, bis jemand einen anfordert.',
  'Open connections ended again and again within an hour; a person is told once.':
    'Offene Verbindungen endeten innerhalb einer Stunde immer wieder; jemand wird einmal benachrichtigt.',
  'Others cannot read what was sent; a new session may help them.':
    'Andere können Gesendetes nicht lesen; eine neue Sitzung hilft vielleicht.',
  'Pruning is not the cure; a person is told, the connection stays up.':
    'Beiseitelegen heilt das nicht; jemand wird benachrichtigt, die Verbindung bleibt bestehen.',
  'Setting files aside failed.': 'Das Beiseitelegen von Dateien schlug fehl.',
  'Several series of codes ended without a link, so no more come until a person asks.':
    'Mehrere Reihen von Codes endeten ohne Verknüpfung; weitere kommen erst auf Anforderung.',
  'Shut the old socket off, once more.': 'Die alte Verbindung noch einmal abschalten.',
  'Since sessions were set aside messages can be read.':
    'Seit Sitzungen beiseitegelegt wurden, sind Nachrichten lesbar.',
  'Someone is there.': 'Jemand ist da.',
  'Stable: the ladder starts afresh.': 'Stabil: Die Wartezeiten beginnen von vorn.',
  'The ban lasts longer than one timer.': 'Die Sperre dauert länger als ein Zeitgeber reicht.',
  'The closes and the unread messages together speak for damaged sessions.':
    'Die Abbrüche und die unlesbaren Nachrichten zusammen sprechen für beschädigte Sitzungen.',
  'The code was scanned, and WhatsApp asked for one more step in place of letting the device in.':
    'Der Code wurde gescannt, und WhatsApp verlangte einen weiteren Schritt, statt das Gerät einzulassen.',
  'The code was scanned, and WhatsApp refused the login of the new device.':
    'Der Code wurde gescannt, und WhatsApp lehnte die Anmeldung des neuen Geräts ab.',
  'The code was scanned, and the login of the new device was not answered in time.':
    'Der Code wurde gescannt, und die Anmeldung des neuen Geräts blieb ohne rechtzeitige Antwort.',
  'The connection for the code ended.': 'Die Verbindung für den Code endete.',
  'The next one follows after a pause.': 'Die nächste folgt nach einer Pause.',
  'The connection lasts again.': 'Die Verbindung hält wieder.',
  'The credentials are good.': 'Die Zugangsdaten sind gut.',
  'The credentials are no longer accepted; only a new code helps.':
    'Die Zugangsdaten gelten nicht mehr; nur ein neuer Code hilft.',
  'The credentials cannot be opened: the disk is in trouble.':
    'Die Zugangsdaten lassen sich nicht öffnen: Die Festplatte hat Probleme.',
  'The credentials need another look.': 'Die Zugangsdaten müssen noch einmal geprüft werden.',
  'The device could not be logged out; its owner is told to remove it.':
    'Das Gerät konnte nicht abgemeldet werden; sein Besitzer soll es entfernen.',
  'The disk did not let us set files aside.': 'Die Festplatte ließ das Beiseitelegen nicht zu.',
  'The failing sessions are set aside, the credentials stay.':
    'Die fehlerhaften Sitzungen werden beiseitegelegt, die Zugangsdaten bleiben.',
  'The folder cannot be read or written.': 'Der Ordner lässt sich nicht lesen oder schreiben.',
  'The identity in the staging area cannot be read.': 'Die vorbereitete Identität ist nicht lesbar.',
  'Only a new one helps.': 'Nur eine neue hilft.',
  'The live cure failed; the next rung comes in time.':
    'Die Heilung bei offener Verbindung schlug fehl; die nächste Stufe folgt.',
  'The live cure had its time and did not help.': 'Die Heilung bei offener Verbindung hatte ihre Zeit und half nicht.',
  'The new credentials are in place, the old ones in the quarantine.':
    'Die neuen Zugangsdaten sind an ihrem Platz, die alten in der Quarantäne.',
  'The new credentials could not be put in place; they wait in the staging area.':
    'Die neuen Zugangsdaten konnten nicht an ihren Platz; sie warten in der Vorbereitung.',
  'The new pairing has opened once.': 'Die neue Verknüpfung stand einmal.',
  'The next start shuts the socket off before it does anything.':
    'Der nächste Start schaltet zuerst die Verbindung ab.',
  'The old credentials may still work: they are tried from time to time.':
    'Die alten Zugangsdaten gelten vielleicht noch: Sie werden von Zeit zu Zeit versucht.',
  'The old socket may still write, so nothing else is done yet.':
    'Die alte Verbindung schreibt vielleicht noch, darum geschieht noch nichts anderes.',
  'The pairing of the other number could not be set aside.':
    'Die Verknüpfung der anderen Nummer konnte nicht beiseitegelegt werden.',
  'The pairing of the other number is in the quarantine.': 'Die Verknüpfung der anderen Nummer ist in der Quarantäne.',
  'A new code comes.': 'Ein neuer Code kommt.',
  'The server can be reached again.': 'Der Server ist wieder erreichbar.',
  'The sessions are in the quarantine.': 'Die Sitzungen sind in der Quarantäne.',
  'Reconnect with the same credentials.': 'Neu verbinden mit denselben Zugangsdaten.',
  'The staging area cannot be made: the disk is in trouble.':
    'Die Vorbereitung gelingt nicht: Die Festplatte hat Probleme.',
  'The staging area cannot be opened.': 'Der vorbereitete Bereich lässt sich nicht öffnen.',
  'The wait is over.': 'Die Wartezeit ist vorbei.',
  'The wait is over: try again.': 'Die Wartezeit ist vorbei: neuer Versuch.',
  'There are no credentials to connect with.': 'Es gibt keine Zugangsdaten, um sich zu verbinden.',
  'This pairing failed.': 'Diese Verknüpfung schlug fehl.',
  'A new code comes after a pause.': 'Nach einer Pause kommt ein neuer Code.',
  'This program logged out.': 'Dieses Programm hat sich abgemeldet.',
  'This series of codes is over.': 'Diese Reihe von Codes ist zu Ende.',
  'The next one follows, unless too many were not scanned.':
    'Die nächste folgt, wenn nicht schon zu viele ungescannt blieben.',
  'Time to check whether the other client is gone.': 'Zeit zu prüfen, ob der andere Client weg ist.',
  'Too many distinct messages cannot be read.': 'Zu viele verschiedene Nachrichten sind nicht lesbar.',
  'What could not be healed is over; what else fails is judged by itself.':
    'Was nicht heilbar war, ist vorbei; was sonst fehlschlägt, wird für sich beurteilt.',
  'What could not be read before the reconnect still counts.': 'Was vor dem Neuverbinden nicht lesbar war, zählt noch.',
  'What fails now can be cured by setting sessions aside, and the budget allows it again.':
    'Was jetzt fehlschlägt, lässt sich durch Beiseitelegen heilen, und das Budget erlaubt es wieder.',
  'What has begun to fail meanwhile has had no live cure yet.':
    'Was inzwischen fehlschlägt, wurde noch nicht bei offener Verbindung geheilt.',
  'What is sent can be read again.': 'Gesendetes ist wieder lesbar.',
  'WhatsApp does not accept the scanned identity.': 'WhatsApp nimmt die gescannte Identität nicht an.',
  'WhatsApp does not let this account in for now.': 'WhatsApp lässt dieses Konto vorerst nicht ein.',
  'WhatsApp does not let this client in for now.': 'WhatsApp lässt diesen Client vorerst nicht ein.',
  'WhatsApp let us in.': 'WhatsApp hat uns eingelassen.',
  'Writes succeed again.': 'Das Schreiben gelingt wieder.',
  'The store of the credentials failed.': 'Der Speicher der Zugangsdaten schlug fehl.',
  'WhatsApp asked for a restart {n} times in a row without letting us in, so these credentials seem dead':
    'WhatsApp verlangte {n}-mal nacheinander einen Neustart, ohne uns einzulassen; diese Zugangsdaten sind wohl hinfällig',
  'WhatsApp asked for a restart {n} times in a row without letting us in':
    'WhatsApp verlangte {n}-mal nacheinander einen Neustart, ohne uns einzulassen',
  'WhatsApp keeps asking for a restart, so we slow down':
    'WhatsApp verlangt immer wieder einen Neustart, darum werden die Versuche langsamer',
  'WhatsApp asked for a restart, as it does after pairing':
    'WhatsApp verlangte einen Neustart, wie nach einer Verknüpfung üblich',
  'replaced by another connection while messages could not be read':
    'von einer anderen Verbindung verdrängt, während Nachrichten nicht lesbar waren',
  'replaced by another connection, and the policy prunes on every conflict':
    'von einer anderen Verbindung verdrängt, und die Regeln legen bei jedem Konflikt Sitzungen beiseite',
  'the other client is still there': 'der andere Client ist noch da',
  'replaced a second time within the window: another client uses these credentials':
    'kurz nacheinander zum zweiten Mal verdrängt: Ein anderer Client benutzt diese Zugangsdaten',
  'replaced by another connection once: one more try, after a pause':
    'einmal von einer anderen Verbindung verdrängt: noch ein Versuch nach einer Pause',
  'WhatsApp banned the account for a time': 'WhatsApp hat das Konto vorübergehend gesperrt',
  'the network or the server cannot be reached': 'das Netz oder der Server ist nicht erreichbar',
  'a proxy or portal stands between us and WhatsApp; this is no logout':
    'ein Proxy oder eine Anmeldeseite steht vor WhatsApp; das ist keine Abmeldung',
  'WhatsApp did not answer in time': 'WhatsApp antwortete nicht rechtzeitig',
  'WhatsApp has trouble on its side': 'WhatsApp hat selbst Probleme',
  "the server's certificate does not fit this host's clock":
    'das Zertifikat des Servers passt nicht zur Uhr dieses Hosts',
  'the stream broke; session files are not the reason': 'der Datenstrom brach ab; an Sitzungsdateien liegt es nicht',
  'WhatsApp said once that this device is unlinked: one more login shows whether that is so':
    'WhatsApp sagte einmal, dass dieses Gerät nicht mehr verknüpft ist: Eine weitere Anmeldung zeigt, ob das stimmt',
  'the phone or WhatsApp unlinked this device':
    'das Telefon oder WhatsApp hat die Verknüpfung dieses Geräts aufgehoben',
  'refused once: one more login shows whether that is so':
    'einmal abgelehnt: Eine weitere Anmeldung zeigt, ob das so bleibt',
  'refused again: these credentials are no longer accepted': 'wieder abgelehnt: Diese Zugangsdaten gelten nicht mehr',
  'WhatsApp locked the account': 'WhatsApp hat das Konto eingeschränkt',
  'WhatsApp banned the account': 'WhatsApp hat das Konto gesperrt',
  'a pairing window ran out': 'eine Reihe von Codes lief ab',
  "the phone's answer to the code could not be verified":
    'die Antwort des Telefons auf den Code ließ sich nicht prüfen',
  'the connect function did not give a socket': 'die Funktion connect lieferte keine Verbindung',
  'messages come in and none gets through': 'Nachrichten kommen an und keine kommt durch',
  'no message came or went for longer than expected': 'länger als erwartet kam und ging keine Nachricht',
  'nothing arrives and the ping is not answered': 'nichts kommt an und der Ping bleibt ohne Antwort',
  'the host slept; the old link is dead': 'der Host schlief; die alte Verbindung ist tot',
  'asked to': 'auf Anforderung',
  'closed for a reason that no table knows': 'aus einem unbekannten Grund geschlossen',
  // What a state is, on the drawings.
  'Another client uses the same credentials.': 'Ein anderer Client benutzt dieselben Zugangsdaten.',
  'A person is told.': 'Jemand wird benachrichtigt.',
  'From time to time it is checked whether it is gone.': 'Von Zeit zu Zeit wird geprüft, ob er weg ist.',
  'Another number scanned: its device is logged out again, and what it left behind is set aside.':
    'Eine andere Nummer hat gescannt: Ihr Gerät wird wieder abgemeldet, und was es hinterließ, wird beiseitegelegt.',
  'Connecting would not help, or would do harm.': 'Sich zu verbinden würde nicht helfen oder schaden.',
  'A timer or a person ends this.': 'Ein Zeitgeber oder ein Mensch beendet das.',
  'Inspects and repairs the credentials before anything judges whether the account is linked.':
    'Prüft und repariert die Zugangsdaten, bevor beurteilt wird, ob das Konto verknüpft ist.',
  'No code is shown.': 'Kein Code wird gezeigt.',
  'A person can ask for one with relink() or requestPairingCode().':
    'Jemand kann einen mit relink() oder requestPairingCode() anfordern.',
  'Owns the one socket: degraded does not close it, leaving does.':
    'Besitzt die eine Verbindung: degraded schließt sie nicht, Verlassen schon.',
  'Sets session files aside behind a shut fence; creds.json stays.':
    'Legt Sitzungsdateien beiseite, während niemand schreibt; creds.json bleibt.',
  'Shows a code from a staging area; the old credentials stay where they are until the new pairing has opened once.':
    'Zeigt einen Code aus einem eigenen Bereich; die alten Zugangsdaten bleiben, bis die neue Verknüpfung einmal stand.',
  'The code is shown.': 'Der Code wird gezeigt.',
  'Baileys replaces it from time to time, and ends the series.':
    'Baileys ersetzt ihn von Zeit zu Zeit und beendet die Reihe.',
  'Waits for the next attempt: at first short waits that grow, then one attempt every few minutes without end.':
    'Wartet auf den nächsten Versuch: zuerst kurz, dann länger, dann alle paar Minuten ohne Ende.',
  // The labels of the drawings.
  'The states of one account': 'Die Zustände eines Kontos',
  'From stopped over preparing and connecting to healthy; healing to the left, what needs people to the right.':
    'Von stopped über preparing und connecting zu healthy; links die Heilung, rechts was Menschen braucht.',
  'not supervising': 'überwacht nicht',
  'checks and repairs the folder': 'prüft und repariert',
  'owns the one socket': 'besitzt die eine Verbindung',
  'dials and logs in': 'wählt und meldet sich an',
  'messages flow': 'Nachrichten fließen',
  'heals with the socket open': 'heilt bei offener Verbindung',
  'waits for the next try': 'wartet auf den Versuch',
  'sets damaged sessions aside': 'legt Sitzungen beiseite',
  'shows a code to scan': 'zeigt einen Code',
  'another client has the account': 'ein anderer Client',
  'dialling would not help': 'Wählen hilft nicht',
  'the credentials are good': 'Zugangsdaten gut',
  opened: 'offen',
  unreadable: 'unlesbare',
  messages: 'Nachrichten',
  'readable again': 'wieder lesbar',
  'the live cure': 'Heilung',
  'did not help': 'half nicht',
  'link lost, silent,': 'Verbindung weg,',
  'timed out, 515 …': 'Zeit um, 515 …',
  '440 while unreadable,': '440 bei Unlesbarem',
  'or a run of 515': 'oder mehrere 515',
  'sessions aside,': 'Sitzungen weg,',
  'credentials kept': 'Zugang bleibt',
  '2 s … 30 s, then 5 – 15 min': '2 – 30 s, dann 5 – 15 min',
  'no credentials': 'ohne Zugangsdaten',
  paired: 'verknüpft',
  '401 · unlinked': '401 · getrennt',
  '440 again': 'wieder 440',
  disk: 'Festplatte',
  'after an hour, or': 'nach einer Stunde',
  'when the hold is over': 'oder nach der Sperre',
  'A person may call stop(), reconnect(), relink() or prune() in every state where that can help.':
    'Ein Mensch kann stop(), reconnect(), relink() oder prune() aufrufen, wo es helfen kann.',
  'preparing, pruningSessions and awaitingQr lead to blocked, too, if the folder fails or another process owns it.':
    'Auch preparing, pruningSessions und awaitingQr führen zu blocked, wenn der Ordner fehlschlägt oder belegt ist.',
  'Every way out of a socket first closes it and shuts its fence: no file moves while it may still write.':
    'Jeder Weg aus einer Verbindung schließt sie zuerst: Keine Datei bewegt sich, solange sie schreiben kann.',
  'the happy path': 'der gute Weg',
  healing: 'Heilung',
  'dial again: nothing is wrong with the account': 'erneut wählen: Das Konto ist in Ordnung',
  'a timer ends the wait': 'ein Zeitgeber beendet das',
  'a person is needed': 'jemand wird gebraucht',
  'stays away until it is settled': 'bleibt weg, bis es geklärt ist',
  'The statechart of one account': 'Das Zustandsdiagramm eines Kontos',
  'pairing code asked': 'Tippcode verlangt',
  'the socket closes': 'Verbindung schließt',
  closed: 'geschlossen',
  'a code came': 'ein Code kam',
  'a pairing code came': 'ein Tippcode kam',
  'no pairing code': 'kein Tippcode',
  'scanned, not let in': 'gescannt, nicht drin',
  scanned: 'gescannt',
  'gone silent': 'verstummt',
  'credentials fail': 'Zugangsdaten versagen',
  evidence: 'Hinweise',
  'retries asked': 'erneut verlangt',
  'prune helped': 'Beiseitelegen half',
  'disk fails': 'Festplatte versagt',
  'disk works': 'Festplatte geht',
  'server in reach': 'Server erreichbar',
  'after {words}': 'nach {words}',
  '1 min': '1 Min.',
  'a pause': 'einer Pause',
  'the wait': 'der Wartezeit',
  'a day': 'einem Tag',
  'an hour': 'einer Stunde',
  'the hold': 'der Sperre',
  calm: 'Ruhe',
  'dial again': 'neu wählen',
  'sessions are damaged': 'Sitzungen beschädigt',
  '440, another client': '440, anderer Client',
  'not let in': 'nicht eingelassen',
  unlinked: 'getrennt',
  'logged out by us': 'selbst abgemeldet',
  'not the owner': 'nicht der Besitzer',
  'changed meanwhile': 'inzwischen geändert',
  'scanned before': 'vorher gescannt',
  linked: 'verknüpft',
  'window over': 'Reihe zu Ende',
  '515 after the scan': '515 nach dem Scan',
  readable: 'lesbar',
  'ban still lasts': 'Sperre gilt noch',
  'ban lasts longer': 'Sperre dauert länger',
  'code asked for': 'Code verlangt',
  storm: 'Sturm',
  'no prune watched': 'nichts beiseitegelegt',
  'no better': 'nicht besser',
  'a rung is left': 'eine Stufe bleibt',
  'in budget': 'im Budget',
  'needs a person': 'braucht jemanden',
  'windows left': 'Reihen übrig',
  'old ones may work': 'alte gelten vielleicht',
  'not scanned': 'nicht gescannt',
  'nothing left to try': 'nichts mehr übrig',
  over: 'vorbei',
  'not cured yet': 'noch nicht geheilt',
  'others cannot read': 'andere lesen nicht',
  'nobody told yet': 'noch niemand benachrichtigt',
  done: 'fertig',
  fails: 'schlägt fehl',
  'a late failure': 'ein später Fehler',
  else: 'sonst',
  'at once': 'sofort',
  failed: 'fehlgeschlagen',
  'network awaited': 'Netz erwartet',
  'wrong number': 'falsche Nummer',
  'instability untold': 'Unruhe ungemeldet',
  'scanned and refused': 'gescannt, abgelehnt',
  'identity refused': 'Identität abgelehnt',
  unstable: 'unruhig',
  'unproven and fine': 'unbewiesen, in Ordnung',
  'proven and fine': 'bewiesen, in Ordnung',
  contested: 'umstritten',
  ignored: 'übergangen',
  again: 'erneut',
  '{words1} · {words2}': '{words1} · {words2}',
  // Why no session is set aside.
  'Observing only, so no session was set aside.': 'Nur beobachtend, darum wurde keine Sitzung beiseitegelegt.',
  '{words}, or stop the gateway and use the command lifeline prune.':
    '{words}, oder halte das Gateway an und benutze den Befehl lifeline prune.',
  'All sessions were set aside as often in the last 24 h as the policy allows, so they were not once more.':
    'In den letzten 24 Std. wurden alle Sitzungen so oft beiseitegelegt, wie die Regeln erlauben; darum nicht noch einmal.',
  'Wait for a day, raise prune.allPerDay, or stop the gateway and use the command lifeline prune: it has no budget.':
    'Warte einen Tag, erhöhe prune.allPerDay, oder halte das Gateway an und benutze den Befehl lifeline prune: Er hat kein Budget.',
  'No session is failing at the moment, so none was set aside.':
    'Im Moment ist keine Sitzung fehlerhaft, darum wurde keine beiseitegelegt.',
  "Nothing to do. prune('all') sets every session aside, failing or not.":
    "Nichts zu tun. prune('all') legt jede Sitzung beiseite, fehlerhaft oder nicht.",
  'Each session that fails was set aside as often as the policy allows, so none was once more.':
    'Jede fehlerhafte Sitzung wurde so oft beiseitegelegt, wie die Regeln erlauben; darum keine noch einmal.',
  'Wait, or raise prune.addressPerDay or lower prune.addressCooldownMs.':
    'Warte, oder erhöhe prune.addressPerDay oder senke prune.addressCooldownMs.',
  'What fails again so soon is seldom cured by this.': 'Was so bald wieder fehlschlägt, heilt das selten.',
  // The terminal of `lifeline run`.
  'Start lifeline run': 'Starte lifeline run',
  'start lifeline run again': 'starte lifeline run erneut',
  '“Show a code” of lifeline run --dashboard': '„Code zeigen“ von lifeline run --dashboard',
  'lifeline run --phone <number>': 'lifeline run --phone <Nummer>',
  'Leave --observe out': 'Lass --observe weg',
  'Next try at {clock}.': 'Nächster Versuch um {clock}.',
  'Code {n}, good until {clock}.': 'Code {n}, gültig bis {clock}.',
  'By number: add --phone.': 'Mit Nummer: --phone anfügen.',
  'It is drawn on terminals only: run this in one, or add --phone or --show-code.':
    'Er wird nur in Terminals gezeichnet: Starte das in einem, oder füge --phone oder --show-code an.',
  'Type this on the phone: {code}': 'Tippe das auf dem Telefon ein: {code}',
  'notice {kind}: {words}': 'Meldung {kind}: {words}',
  'There is no account in {path} yet.': 'In {path} ist noch kein Konto.',
  'If you expected one, check the path.': 'Wenn du eines erwartest, prüfe den Pfad.',
  // The name plate of the installed page.
  'How the WhatsApp accounts of a gateway are, and what to do.':
    'Wie es den WhatsApp-Konten eines Gateways geht, und was zu tun ist.',
  'The connection is closed, and opened again afterwards.':
    'Die Verbindung wird geschlossen und danach wieder geöffnet.',
  'It reconnects afterwards.': 'Danach verbindet es sich neu.',
  'The files go back to where they were, each as it was.':
    'Die Dateien kommen dorthin zurück, wo sie waren, jede wie sie war.',
  'If a newer one stands in the place of one of them, nothing is moved.':
    'Steht an der Stelle einer davon eine neuere, wird nichts bewegt.',
  'Newer ones in their place go into the quarantine.': 'Neuere an ihrer Stelle kommen in die Quarantäne.',
  'Set newer files aside that stand in their place': 'Neuere Dateien an ihrer Stelle beiseitelegen',
  credentials: 'Zugangsdaten',
  '{words}; observing only, so no session is set aside':
    '{words}; nur beobachtend, darum wird keine Sitzung beiseitegelegt',
  'session files that nothing can load': 'Sitzungsdateien, die nichts laden kann',
  'replaced by a new pairing ({id})': 'durch eine neue Verknüpfung ersetzt ({id})',
  'replaced by the restore of {id}': 'beim Zurückholen von {id} ersetzt',
  'finishing what was interrupted': 'Unterbrochenes wurde zu Ende gebracht',
  'creds.json cannot be used: {error}': 'creds.json ist unbrauchbar: {error}',
  'written anew in the form of today': 'in der heutigen Form neu geschrieben',
  'paired by another number than the expected one': 'von einer anderen als der erwarteten Nummer verknüpft',
  'live cure: new sessions for addresses that cannot be read, or cannot read':
    'Heilung bei offener Verbindung: neue Sitzungen für Adressen, die nicht lesbar sind oder nicht lesen können',
  'a session under the other address of its contact is used':
    'eine Sitzung unter der anderen Adresse des Kontakts wird benutzt',
  'the store of the credentials does not answer': 'der Speicher der Zugangsdaten antwortet nicht',
  'a member of a group writes with a key that is out of step, so nothing of it could be read':
    'ein Mitglied einer Gruppe schreibt mit einem Schlüssel, der nicht mehr passt, und nichts davon war lesbar',
  'they lay under the other address of their contact': 'sie lagen unter der anderen Adresse ihres Kontakts',
  'written before a crash; another program wrote these files since, and theirs stay':
    'vor einem Absturz geschrieben; ein anderes Programm hat diese Dateien seither geschrieben, und dessen bleiben',
  'stood in the place of files that were written before a crash':
    'stand an der Stelle von Dateien, die vor einem Absturz geschrieben wurden',
  'nothing can load their files': 'nichts kann ihre Dateien laden',
  'Supervision is stopped, so nothing was restored.':
    'Die Überwachung ist angehalten, darum wurde nichts zurückgeholt.',
  'Nothing is restored in the mode observe.': 'Im Modus observe wird nichts zurückgeholt.',
  'There is no quarantine entry with this id.': 'Es gibt in der Quarantäne keinen Eintrag mit dieser Kennung.',
  'Entry {id} was not restored: {words}.': 'Der Eintrag {id} wurde nicht zurückgeholt: {words}.',
  'Old keys behind their successors break decryption.':
    'Alte Schlüssel an der Stelle ihrer Nachfolger machen Nachrichten unlesbar.',
  'Nothing was moved.': 'Nichts wurde bewegt.',
  'Leave them in the quarantine.': 'Lass sie in der Quarantäne.',
  'If you are sure, force it: what it replaces is set aside first.':
    'Wenn du sicher bist, erzwinge es: Was dadurch ersetzt wird, kommt vorher beiseite.',
  '{n} newer files stand in their place ({names})': '{n} neuere Dateien stehen an ihrer Stelle ({names})',
  'newer versions of {n} files were set aside since ({names})':
    'neuere Fassungen von {n} Dateien wurden seither beiseitegelegt ({names})',
  'The field {name} is missing or too long.': 'Das Feld {name} fehlt oder ist zu lang.',
  'Send it as {example}.': 'Sende es als {example}.',
  'There is no such action.': 'Diese Aktion gibt es nicht.',
  'Actions are {names}.': 'Aktionen sind {names}.',
  'This address is not used so.': 'Diese Adresse wird nicht so benutzt.',
  'Methods here: {names}.': 'Methoden hier: {names}.',
  'There is nothing at this address.': 'Unter dieser Adresse ist nichts.',
  'Open the dashboard at its root.': 'Öffne das Dashboard an seiner Startadresse.',
  'The dashboard is not known by this host name.': 'Unter diesem Hostnamen ist das Dashboard nicht bekannt.',
  'Call it by its IP address or as localhost, or add the name to the option trustedHosts or publicUrl.':
    'Rufe es mit seiner IP-Adresse oder als localhost auf, oder gib den Namen in der Option trustedHosts oder publicUrl an.',
  'This request does not come from the page of the dashboard.':
    'Diese Anfrage kommt nicht von der Seite des Dashboards.',
  'Use the page itself, or send the token as a bearer.': 'Benutze die Seite selbst, oder sende das Token als Bearer.',
  'Behind a proxy, give the option publicUrl.': 'Hinter einem Proxy gib die Option publicUrl an.',
  'Too many wrong tokens or links came from this address.':
    'Von dieser Adresse kamen zu viele falsche Token oder Links.',
  'Wait {time} and try again.': 'Warte {time} und versuche es noch einmal.',
  'The body is larger than {n} bytes.': 'Der Inhalt ist größer als {n} Bytes.',
  'Send only what the action needs.': 'Sende nur, was die Aktion braucht.',
  'The body is not said to be JSON.': 'Der Inhalt ist nicht als JSON bezeichnet.',
  'Send content-type: application/json.': 'Sende content-type: application/json.',
  'The body is no JSON object.': 'Der Inhalt ist kein JSON-Objekt.',
  'Send an object, such as {}.': 'Sende ein Objekt, etwa {}.',
  'The page of the dashboard is not built.': 'Die Seite des Dashboards ist nicht gebaut.',
  'Run npm run build.': 'Führe npm run build aus.',
  'A package is missing, so {words} in {path} failed: {error}':
    'Ein Paket fehlt, darum schlug in {path} fehl ({words}): {error}',
  'Install the package that this names.': 'Installiere das Paket, das hier genannt ist.',
  'Supervision was stopped before the sessions were set aside.':
    'Die Überwachung wurde angehalten, bevor die Sitzungen beiseitegelegt waren.',
  'No session was set aside: {words}': 'Keine Sitzung wurde beiseitegelegt: {words}',
  'See the log.': 'Sieh in das Protokoll.',
  'This is not the number that this account expects.': 'Das ist nicht die Nummer, die dieses Konto erwartet.',
  'Give the number of the option expectedNumber, or change that option.':
    'Gib die Nummer der Option expectedNumber an, oder ändere diese Option.',
  'No pairing code came: {words}': 'Es kam kein Kopplungscode: {words}',
  'See the log for what went wrong, and ask again while a code is needed.':
    'Sieh im Protokoll nach, was schiefging, und fordere ihn neu an, solange ein Code gebraucht wird.',
  'Supervision is stopped, so nothing was done.': 'Die Überwachung ist angehalten, darum wurde nichts getan.',
  'Not possible in this state: {words}.': 'In diesem Zustand nicht möglich: {words}.',
  'Try again when the state has changed.': 'Versuche es noch einmal, wenn sich der Zustand geändert hat.',
  'A pairing code comes while a code is awaited.': 'Einen Kopplungscode gibt es, während auf einen Code gewartet wird.',
  'To link a linked account anew, use {words} first.':
    'Um ein verknüpftes Konto neu zu verknüpfen, benutze zuerst {words}.',
  '{words}, or use `lifeline quarantine restore` while the gateway is stopped.':
    '{words}, oder benutze `lifeline quarantine restore`, während das Gateway angehalten ist.',
  'Look at the list: `quarantined()`, or `lifeline quarantine list`.':
    'Sieh in die Liste: `quarantined()` oder `lifeline quarantine list`.',
  'There is no quarantine entry {id}.': 'Es gibt in der Quarantäne keinen Eintrag {id}.',
  'Look at the list of entries: `lifeline quarantine list`.':
    'Sieh in die Liste der Einträge: `lifeline quarantine list`.',
  'Host {host}, which runs the account {name}, has not answered.':
    'Der Host {host}, der das Konto {name} betreibt, hat nicht geantwortet.',
  'Ask again: if that host is gone, another one takes the account over.':
    'Versuche es noch einmal: Ist dieser Host weg, übernimmt ein anderer das Konto.',
  'The account {name} has just left host {host}.': 'Das Konto {name} hat den Host {host} gerade verlassen.',
  'Ask again: another host has it, or takes it over.':
    'Versuche es noch einmal: Ein anderer Host hat es oder übernimmt es.',
  'No host has the account {name} at the moment, so nothing was done.':
    'Im Moment hat kein Host das Konto {name}, darum wurde nichts getan.',
  'Ask again in a moment: another host will take it over.':
    'Versuche es gleich noch einmal: Ein anderer Host übernimmt es.',
  'A command came without {name}.': 'Ein Befehl kam ohne {name}.',
  'Run one version on all hosts.': 'Benutze auf allen Hosts dieselbe Version.',
  'A command of an unknown kind came.': 'Ein Befehl von unbekannter Art kam.',
  'An answer came that cannot be read.': 'Eine Antwort kam, die nicht lesbar ist.',
  'The command failed.': 'Der Befehl schlug fehl.',
  "See that host's log.": 'Sieh in das Protokoll jenes Hosts.',
  '{path} is owned by another process, so no session was set aside.':
    '{path} gehört einem anderen Prozess, darum wurde keine Sitzung beiseitegelegt.',
  '{path} is not owned by this store.': '{path} gehört nicht diesem Speicher.',
  'Nothing was changed.': 'Nichts wurde geändert.',
  'Call acquire() first; if it was called, another owner has taken the account over.':
    'Rufe zuerst acquire() auf; ist das geschehen, hat ein anderer Besitzer das Konto übernommen.',
  'An opening of {path} may still write, so {words} was refused.':
    'In {path} kann noch geschrieben werden, darum wurde abgelehnt: {words}.',
  'Fence or close the opening first.': 'Sperre oder schließe zuerst, was offen ist.',
  'This opening of {path} is fenced: the write was refused and nothing changed.':
    'Das Schreiben in {path} ist hier gesperrt: Es wurde abgelehnt, und nichts hat sich geändert.',
  'Nothing to do: a newer opening, or none, owns the account now.':
    'Nichts zu tun: Das Konto gehört jetzt einer neueren Verbindung oder keiner.',
  'Open the store again to write.': 'Öffne den Speicher neu, um zu schreiben.',
  '{path} is in use by another process.': '{path} wird von einem anderen Prozess benutzt.',
  '{path} is in use by process {pid} on host {host}.': '{path} wird vom Prozess {pid} auf dem Host {host} benutzt.',
  'Stop that process, or use another folder.': 'Beende diesen Prozess, oder benutze einen anderen Ordner.',
  'If it is gone already (a crashed container, another host), the lock is free 20 seconds after its last heartbeat.':
    'Ist er schon weg (ein abgestürzter Container, ein anderer Host), wird das Schloss 20 Sekunden nach seinem letzten Lebenszeichen frei.',
  'Stop that process.': 'Beende diesen Prozess.',
  'If it is gone already, the account is free in {time}.': 'Ist er schon weg, wird das Konto in {time} frei.',
  'The account was handed to host {host}; if that one does not take it, it is free in {time}.':
    'Das Konto wurde dem Host {host} übergeben; nimmt der es nicht, wird es in {time} frei.',
  'The credentials in {path} cannot be used: {error}.': 'Die Zugangsdaten in {path} sind nicht zu gebrauchen: {error}.',
  'Restore the newest good generation (restoreCreds, or `lifeline doctor --fix`).':
    'Hole die neueste gute Kopie zurück (restoreCreds oder `lifeline doctor --fix`).',
  'Only if there is none, link the device again.': 'Nur wenn es keine gibt, verknüpfe das Gerät neu.',
  'The disk failed with {code} while {words} in {path}.': 'Der Datenträger versagte mit {code} in {path} ({words}).',
  'What was stored before is still there.': 'Was vorher gespeichert war, ist noch da.',
  'Free space on the disk.': 'Schaffe Platz auf dem Datenträger.',
  'Free space, or raise the disk quota of this user.': 'Schaffe Platz, oder erhöhe das Kontingent dieses Benutzers.',
  'Give the user that runs this process read and write permission on the folder and its files.':
    'Gib dem Benutzer dieses Prozesses Lese- und Schreibrechte auf den Ordner und seine Dateien.',
  'Give the user that runs this process ownership of the folder and its files.':
    'Mache den Benutzer dieses Prozesses zum Eigentümer des Ordners und seiner Dateien.',
  'Mount the file system read-write; after a disk error Linux mounts it read-only, so look at the kernel log.':
    'Binde das Dateisystem schreibbar ein; nach einem Fehler des Datenträgers bindet Linux es nur lesbar ein, sieh also in das Kernel-Protokoll.',
  'The disk failed to read or write: look at the kernel log, save a copy of the folder, replace the disk.':
    'Der Datenträger konnte nicht lesen oder schreiben: Sieh in das Kernel-Protokoll, sichere eine Kopie des Ordners, ersetze den Datenträger.',
  'Raise the limit of open files (ulimit -n), or find what leaks them.':
    'Erhöhe die Grenze offener Dateien (ulimit -n), oder finde, was sie offen lässt.',
  'Raise the system-wide limit of open files.': 'Erhöhe die Grenze offener Dateien des ganzen Systems.',
  'Use a shorter name: 255 bytes are the most, and letters of other scripts have two to four each.':
    'Benutze einen kürzeren Namen: Mehr als 255 Bytes geht nicht, und Buchstaben anderer Schriften haben je zwei bis vier.',
  'Name the folder itself: a link there leads nowhere.':
    'Nenne den Ordner selbst: Eine Verknüpfung dort führt nirgendwohin.',
  'Mount the network file system again.': 'Binde das Netzwerk-Dateisystem neu ein.',
  'Check the disk and the permissions of the folder; the store continues once they work.':
    'Prüfe den Datenträger und die Rechte des Ordners; der Speicher macht weiter, sobald beides stimmt.',
  'While {words1} in {path}: {words2} ({code}).': 'In {path} ({words1}): {words2} ({code}).',
  'Nothing by hand if it is a restart or a short break: the store goes on once the database answers.':
    'Nichts von Hand, wenn es ein Neustart oder eine kurze Pause ist: Der Speicher macht weiter, sobald die Datenbank antwortet.',
  "If it lasts, look at the database, the network and the connection's address.":
    'Dauert es an, sieh nach der Datenbank, dem Netz und der Adresse der Verbindung.',
  'the database was busy with the same rows': 'die Datenbank war mit denselben Zeilen beschäftigt',
  'the database took too long': 'die Datenbank brauchte zu lange',
  'the database takes no connections': 'die Datenbank nimmt keine Verbindungen an',
  'the database is read-only': 'die Datenbank ist nur lesbar',
  'Point the connection at the primary, or end the read-only mode.':
    'Richte die Verbindung auf den Primärserver, oder beende den Nur-Lese-Modus.',
  'the database has no room left': 'die Datenbank hat keinen Platz mehr',
  'Free space on its disk.': 'Schaffe Platz auf ihrem Datenträger.',
  'the database refuses this user': 'die Datenbank lehnt diesen Benutzer ab',
  'Correct the user, the password or the database name of the connection.':
    'Berichtige Benutzer, Passwort oder Datenbanknamen der Verbindung.',
  'this user has too few rights in the database': 'dieser Benutzer hat in der Datenbank zu wenig Rechte',
  'Grant it SELECT, INSERT, UPDATE and DELETE on the tables of the schema.':
    'Gib ihm SELECT, INSERT, UPDATE und DELETE auf die Tabellen des Schemas.',
  'no connection of the pool was free in time': 'keine Verbindung des Pools war rechtzeitig frei',
  'Give the pool more connections (max), or see what keeps those that it has.':
    'Gib dem Pool mehr Verbindungen (max), oder sieh nach, was die vorhandenen festhält.',
  'the database cannot be reached': 'die Datenbank ist nicht erreichbar',
  'the database failed': 'die Datenbank versagte',
  "Look at the database's log.": 'Sieh in das Protokoll der Datenbank.',
  'The tables for {path} are missing, or older than this version needs.':
    'Die Tabellen für {path} fehlen oder sind älter, als diese Version braucht.',
  'Run `lifeline db migrate --database URL` once; it is safe beside running gateways.':
    'Führe einmal `lifeline db migrate --database URL` aus; das ist neben laufenden Gateways sicher.',
  'taking the lock': 'beim Verriegeln',
  'releasing the lock': 'beim Entriegeln',
  'looking at the lock': 'beim Blick auf das Schloss',
  'claiming the account': 'beim Übernehmen des Kontos',
  'reading the quarantine': 'beim Lesen der Quarantäne',
  'restoring files': 'beim Zurückholen von Dateien',
  'setting files aside': 'beim Beiseitelegen von Dateien',
  'repairing the credentials': 'beim Reparieren der Zugangsdaten',
  reading: 'beim Lesen',
  writing: 'beim Schreiben',
  'This does not let you in.': 'Damit kommst du nicht hinein.',
  'Take the token from the file .lifeline/dashboard-token beside the credentials, or make a link with lifeline link --owner.':
    'Nimm das Token aus der Datei .lifeline/dashboard-token bei den Zugangsdaten, oder erzeuge einen Link mit lifeline link --owner.',
  'This link does not work any more.': 'Dieser Link gilt nicht mehr.',
  'Ask whoever sent it for a new one.': 'Bitte den Absender um einen neuen.',
  'This link does not sign you in any more.': 'Mit diesem Link kannst du dich nicht mehr anmelden.',
  'Make a new one with lifeline link --owner, or give the token.':
    'Erzeuge einen neuen mit lifeline link --owner, oder gib das Token ein.',
  'Dashboard: {url} signs you in once, within 15 minutes.':
    'Dashboard: {url} meldet dich einmal an, innerhalb von 15 Minuten.',
  'Later: npx baileys-lifeline link --owner.': 'Später: npx baileys-lifeline link --owner.',
  'Dashboard: {url} To get in, run npx baileys-lifeline link --owner, or take the token from .lifeline/dashboard-token beside the credentials.':
    'Dashboard: {url} Zugang gibt npx baileys-lifeline link --owner, oder das Token aus .lifeline/dashboard-token bei den Zugangsdaten.',
}
