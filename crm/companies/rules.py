"""What a company is, without a database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from crm.kit.errors import RuleBroken
from crm.kit.periods import in_words
from crm.kit.text import mail_domain


class Headcount(StrEnum):
    """How many people work there, in bands: an exact number is never true for long."""

    MICRO = "1–49"
    SMALL = "50–499"
    MEDIUM = "500–4,999"
    LARGE = "5,000–19,999"
    GLOBAL = "20,000+"


class KnownLater(RuleBroken):
    """What is known of a company's parents begins later than the day that is said."""


@dataclass(frozen=True)
class Owned:
    """By which company another is owned, from–to. `starts_on` None: ever since."""

    parent_id: int
    starts_on: date | None
    ends_before: date | None

    def holds(self, day: date) -> bool:
        return (self.starts_on or date.min) <= day < (self.ends_before or date.max)


def owned_from(known: Iterable[Owned], parent_id: int | None, since: date | None) -> list[Owned]:
    """A company's parents in their order, once one owns it from a day on; None: nobody does.

    What begins on that very day was a mistake, and gives way. Raises `KnownLater` where something
    begins after it.
    """
    day = since or date.min
    before = []
    for owned in sorted(known, key=lambda owned: owned.starts_on or date.min):
        begins = owned.starts_on or date.min
        if begins > day:
            raise KnownLater(
                f"Another parent is on record since {in_words(begins)}. Choose a later day, or "
                "that very day to put it right.",
                field="parent_since",
            )
        if begins < day:
            before.append(replace(owned, ends_before=min(owned.ends_before or day, day)))
    if parent_id is None:
        return before
    if before and (before[-1].parent_id, before[-1].ends_before) == (parent_id, day):
        return [*before[:-1], replace(before[-1], ends_before=None)]
    return [*before, Owned(parent_id, since, None)]


def above_itself(
    owners: Mapping[int, Sequence[Owned]], company_id: int, parent_id: int, since: date | None
) -> bool:
    """Whether a company that this one owns from a day on would, on any day from then, be above it.

    `owners`: who owns whom, by company owned.
    """
    first = since or date.min
    turns = {
        day
        for known in owners.values()
        for owned in known
        for day in (owned.starts_on, owned.ends_before)
        if day is not None and day > first
    }
    for day in (first, *sorted(turns)):
        above: int | None = parent_id
        passed: set[int] = set()
        while above is not None and above not in passed:
            if above == company_id:
                return True
            passed.add(above)
            above = next((one.parent_id for one in owners.get(above, ()) if one.holds(day)), None)
    return False


_PUBLIC_MAIL = """
    gmail.com googlemail.com outlook.com outlook.de outlook.fr outlook.es outlook.it outlook.jp
    outlook.com.br outlook.com.au outlook.in hotmail.com hotmail.co.uk hotmail.fr hotmail.de
    hotmail.it hotmail.es hotmail.nl hotmail.be hotmail.se hotmail.ch hotmail.com.br hotmail.co.jp
    live.com live.co.uk live.fr live.de live.it live.nl live.be live.se live.dk live.ca live.com.au
    live.cn live.jp msn.com passport.com windowslive.com
    yahoo.com yahoo.co.uk yahoo.fr yahoo.de yahoo.it yahoo.es yahoo.ca yahoo.co.in yahoo.in
    yahoo.com.br yahoo.com.au yahoo.com.mx yahoo.com.ar yahoo.com.sg yahoo.com.hk yahoo.com.tw
    yahoo.com.tr yahoo.com.vn yahoo.com.ph yahoo.co.id yahoo.co.kr yahoo.co.jp yahoo.co.za
    yahoo.co.nz yahoo.gr yahoo.ie yahoo.se yahoo.no yahoo.dk yahoo.pl yahoo.ro ymail.com
    rocketmail.com ymail.ne.jp
    icloud.com me.com mac.com privaterelay.appleid.com
    aol.com aol.co.uk aol.de aol.fr aim.com verizon.net
    proton.me protonmail.com protonmail.ch pm.me tutanota.com tutanota.de tuta.io tuta.com
    tutamail.com keemail.me hushmail.com hush.com fastmail.com fastmail.fm fastmail.net
    startmail.com posteo.de posteo.net mailbox.org runbox.com kolabnow.com disroot.org riseup.net
    mailfence.com countermail.com ctemplar.com hey.com zoho.com zohomail.com zoho.eu zoho.in
    gmx.com gmx.net gmx.de gmx.at gmx.ch gmx.fr gmx.co.uk gmx.us web.de freenet.de t-online.de
    arcor.de email.de mail.de 1und1.de online.de vodafone.de vodafonemail.de o2online.de
    kabelmail.de unitybox.de bluewin.ch sunrise.ch hispeed.ch chello.at aon.at a1.net
    mail.com email.com usa.com post.com europe.com engineer.com consultant.com dr.com
    myself.com techie.com writeme.com inbox.com mail.ee lycos.com excite.com juno.com netzero.net
    orange.fr wanadoo.fr free.fr sfr.fr neuf.fr laposte.net bbox.fr numericable.fr club-internet.fr
    aliceadsl.fr libero.it virgilio.it tiscali.it tin.it alice.it tim.it fastwebnet.it inwind.it
    iol.it email.it pec.it aruba.it telefonica.net terra.es ono.com movistar.es
    sapo.pt clix.pt netcabo.pt iol.pt ziggo.nl kpnmail.nl planet.nl home.nl xs4all.nl upcmail.nl
    hetnet.nl casema.nl skynet.be telenet.be scarlet.be proximus.be pandora.be
    btinternet.com btopenworld.com sky.com talktalk.net virginmedia.com ntlworld.com
    blueyonder.co.uk tiscali.co.uk o2.co.uk plusnet.com eircom.net
    telia.com bredband.net comhem.se spray.se online.no broadpark.no mail.dk jubii.dk tdcadsl.dk
    luukku.com suomi24.fi welho.com kolumbus.fi
    wp.pl o2.pl onet.pl onet.eu op.pl interia.pl interia.eu poczta.onet.pl gazeta.pl tlen.pl
    seznam.cz centrum.cz email.cz atlas.cz volny.cz azet.sk zoznam.sk centrum.sk
    freemail.hu citromail.hu t-online.hu abv.bg mail.bg inbox.lv inbox.lt one.lt
    mail.ru bk.ru inbox.ru list.ru internet.ru rambler.ru yandex.ru yandex.com ya.ru ukr.net
    i.ua meta.ua bigmir.net tut.by
    qq.com foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com 139.com 189.cn
    aliyun.com wo.cn tom.com 21cn.com vip.qq.com vip.163.com vip.sina.com
    naver.com daum.net hanmail.net nate.com kakao.com docomo.ne.jp ezweb.ne.jp softbank.ne.jp
    au.com nifty.com biglobe.ne.jp ocn.ne.jp so-net.ne.jp excite.co.jp
    hinet.net pchome.com.tw seed.net.tw netvigator.com singnet.com.sg
    rediffmail.com sify.com vsnl.com in.com indiatimes.com
    uol.com.br bol.com.br terra.com.br ig.com.br globo.com globomail.com zipmail.com.br r7.com
    prodigy.net.mx telmexmail.com infinitum.com.mx fibertel.com.ar speedy.com.ar arnet.com.ar
    bigpond.com bigpond.net.au optusnet.com.au iinet.net.au tpg.com.au internode.on.net
    xtra.co.nz slingshot.co.nz mweb.co.za telkomsa.net vodamail.co.za webmail.co.za
    comcast.net xfinity.com sbcglobal.net att.net bellsouth.net ameritech.net pacbell.net swbell.net
    prodigy.net charter.net spectrum.net twc.com rr.com roadrunner.com cox.net earthlink.net
    mindspring.com centurylink.net centurytel.net qwest.net q.com embarqmail.com frontier.com
    frontiernet.net windstream.net suddenlink.net cableone.net optonline.net optimum.net
    mediacombb.net tds.net hughes.net wowway.com rcn.com
    shaw.ca rogers.com bell.net sympatico.ca videotron.ca telus.net cogeco.ca eastlink.ca
    mailinator.com guerrillamail.com sharklasers.com 10minutemail.com yopmail.com trashmail.com
    temp-mail.org tempmail.com throwawaymail.com maildrop.cc getnada.com dispostable.com
    fakeinbox.com mailnesia.com mintemail.com spamgourmet.com discard.email burnermail.io
    duck.com mozmail.com simplelogin.com anonaddy.me
"""
PUBLIC_MAIL = frozenset(_PUBLIC_MAIL.split())
"""Domains where anybody has an address: they say nothing about whom somebody works for."""


def is_public_mail(domain: str) -> bool:
    """Whether this domain, or the one it is part of, is a public mail provider's."""
    labels = domain.casefold().split(".")
    return any(".".join(labels[start:]) in PUBLIC_MAIL for start in range(len(labels) - 1))


def own_domain(email: str | None) -> str | None:
    """The domain of whom this address belongs to; None where that is a public mail provider."""
    domain = mail_domain(email) if email else None
    return None if domain is None or is_public_mail(domain) else domain
