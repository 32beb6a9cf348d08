"""TCVN3 and VNI text is read as what it says; every other text is left alone."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnsearch.text.legacy import TCVN3, VNI, Encoding, decode_legacy, detect

CODES: dict[Encoding, dict[int, str]] = {
    # TCVN3's capitals with tones: a capital font shows the codes of the small letters
    "tcvn3": str.maketrans({n.upper(): code for code, n in TCVN3.items()} | {n: code for code, n in TCVN3.items()}),
    "vni": str.maketrans({letter: code for code, letter in VNI.items()}),
}
ENCODINGS: list[Encoding] = ["tcvn3", "vni"]

SENTENCE = (
    "Sáng nay, Ban Thường vụ Tỉnh ủy tổ chức hội nghị sơ kết công tác dân vận; "
    "đồng chí Phó Bí thư dự và chỉ đạo, nhấn mạnh kết quả thực hiện Quyết định số 12-QĐ/TW."
)
FOREIGN = {
    "French": [
        "L'été dernier, le préfet a été reçu à l'hôtel de ville par le maire, déjà âgé.",
        "« Où êtes-vous passé ? » demanda-t-elle, gênée, à l'élève qui rêvait près de la fenêtre.",
        "Là où le thé fut bu, né de père français, André a créé sa société à Orléans.",
        "Il paraît qu'à Noël la forêt gelée était plus belle encore ; ça plaît à tous les garçons.",
        "LE CONSEIL D'ÉTAT A ÉTÉ SAISI D'UNE REQUÊTE DÉPOSÉE À LA SUITE DE L'ARRÊTÉ PRÉFECTORAL",
    ],
    "German": [
        "Für die größeren Städte müssen während der Übergangszeit schärfere Maßnahmen gelten.",
        "Schöne Grüße aus Köln: die Straßen sind überfüllt, und überall hört man fröhliche Gesänge.",
        "Der Präsident möchte im März über die künftige Verfügbarkeit von Öl und Gas sprechen.",
        "Natür\u00adlich kön\u00adnen Wör\u00adter auch wei\u00adche Trenn\u00adstri\u00adche tra\u00adgen, überall.",
        "In Österreich wäre ähnliches möglich, würde man die Bürger früh genug anhören.",
    ],
    "Spanish": [
        "¿Qué pasó ayer? Él dijo que sí, que sé yo, que la niña volvió tarde a su país.",
        "El año pasado, mi tío José compró un camión pequeño; después lo vendió aún más caro.",
        "¡Qué ilusión! También habrá música, fútbol y, según el periódico, fuegos artificiales.",
        "Tú y él sabéis más de té que yo: dé usted su opinión, por favor, señor Muñoz.",
        "SEGÚN LA COMISIÓN, LA SITUACIÓN ECONÓMICA MEJORARÁ EN EL PRÓXIMO AÑO EN ESPAÑA",
    ],
    "Portuguese": [
        "As eleições de amanhã não serão fáceis, e a oposição já avisou que haverá manifestações.",
        "Então a avó pôs o pão na mesa, e o avô, que também é cônsul, leu três páginas do romance.",
        "Há várias razões para a inflação: a água, a eletricidade e os combustíveis são mais caros.",
        "O português é língua oficial em Angola, Moçambique, São Tomé e Príncipe e Cabo Verde.",
        "Só ele é que vê o céu aí; lá não há nós nem avós, só pó e sóis de verão à tarde.",
    ],
    "Italian": [
        "Perché è così? Più tardi verrà lì con papà, però non sarà né facile né comodo: è già metà giugno.",
        "La città è più bella di ciò che si può dire; lassù c'è libertà, virtù e gioventù.",
    ],
    "Dutch": [
        "De coördinatie van geïnteresseerde reëel denkende officiële instanties in België en Oekraïne.",
        "Zoë en Raphaël vonden de ideeën over zeeën, knieën en poëzie in Indonesië geëigend.",
    ],
    "Swedish": ["På måndagen åkte de över sjön för att hälsa på sin äldre bror, som också är läkare."],
    "Icelandic": ["Það er ekki gott að vita hvað þeir sögðu við bróður sinn áður en hann fór út í nóttina."],
    "Hungarian": ["A szép zöld erdőben két öreg kőműves és három kék ruhás nő sétált a tó mellett tegnap."],
    "English": [
        "It measures 5 µm by 7 µm at ±2 °C; the µA current of the Intel® and AMD® parts (© 2001) is ½ of that.",
        "A naïve café façade: the fiancée's résumé on the coöperative’s Brontë exposé reëntered the Dalí rôle.",
    ],
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_vietnamese_letter_has_a_code(encoding: Encoding) -> None:
    """12 vowels with 5 tones, and those of them and đ that no keyboard has plain, come back from their code."""
    letters = {
        unicodedata.normalize("NFC", vowel + tone)
        for vowel in "aăâeêioôơuưy"
        for tone in "\u0300\u0301\u0309\u0303\u0323"
    }
    letters |= set("ăâđêôơư")
    assert len(letters) == 67
    if encoding == "vni":
        letters |= {letter.upper() for letter in letters}
    else:
        letters |= set("ĂÂĐÊÔƠƯ")
    table = TCVN3 if encoding == "tcvn3" else VNI
    assert set(table.values()) == letters
    assert len(table) == len(letters)
    for letter in letters:  # inside a text, because a letter alone is not enough to tell
        text = f"{SENTENCE} v{letter}"
        assert decode_legacy(text.translate(CODES[encoding])) == text


def test_the_codes_are_those_of_the_fonts() -> None:
    """Phrases as .VnTime and VNI-Times documents show them without their fonts."""
    tcvn3 = "Céng hoµ x· héi chñ nghÜa ViÖt Nam, §éc lËp - Tù do - H¹nh phóc; ng\u00adêi ®ång bµo, n\u00adíc ta"
    vni = "Coäng hoaø xaõ hoäi chuû nghóa Vieät Nam, Ñoäc laäp - Töï do - Haïnh phuùc; ngöôøi ñoàng baøo, nöôùc ta"
    meant = "Cộng hoà xã hội chủ nghĩa Việt Nam, Độc lập - Tự do - Hạnh phúc; người đồng bào, nước ta"
    assert (detect(tcvn3), decode_legacy(tcvn3)) == ("tcvn3", meant)
    assert (detect(vni), decode_legacy(vni)) == ("vni", meant)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_there_and_back(encoding: Encoding) -> None:
    """A sentence comes back as it was, in NFC, and what is decoded is not legacy any more."""
    legacy = SENTENCE.translate(CODES[encoding])
    assert detect(legacy) == encoding
    assert decode_legacy(legacy) == SENTENCE == unicodedata.normalize("NFC", SENTENCE)
    assert decode_legacy(SENTENCE) is None


@pytest.mark.parametrize(
    ("typed", "meant", "why"),
    [
        ("Héi nghÞ tæng kÕt c«ng t¸c", "Hội nghị tổng kết công tác", "small letters stay small"),
        ("HéI NGHÞ TæNG KÕT C¤NG T¸C", "HỘI NGHỊ TỔNG KẾT CÔNG TÁC", "a headline in a capital font"),
        ("ñY BAN NH¢N D¢N TØNH Hµ GIANG", "ỦY BAN NHÂN DÂN TỈNH HÀ GIANG", "Hµ between two that are sure"),
        ("Së C¤NG TH¦¥NG Vµ Së Y TÕ", "SỞ CÔNG THƯƠNG VÀ SỞ Y TẾ", "a letter of its own, and the last word"),
        ("UBND TP.Hµ Néi", "UBND TP.Hà Nội", "an abbreviation beside a name is no headline"),
        ("§¹i biÓu Hµ V¨n ¸i", "Đại biểu Hà Văn ái", "the one capital that is lost"),
        ("· Mét ® \u0093hai\u0094 \u2013 ba", "· Một đ “hai” – ba", "a bullet, a lone đ, quotes read as Latin-1"),
    ],
)
def test_capitals_and_signs_of_tcvn3(typed: str, meant: str, why: str) -> None:
    """Words in capitals get them back; what is no letter stays."""
    assert decode_legacy(SENTENCE.translate(CODES["tcvn3"]) + "\n" + typed) == SENTENCE + "\n" + meant, why


def test_capitals_of_vni() -> None:
    """The letter's case counts, in whichever case its mark was typed."""
    headline = "UÛY BAN NHAÂN DAÂN TÆNH ÑOÀNG NAI HOïP BAøN VEà NÖÔùC SAïCH"
    assert decode_legacy(headline) == "ỦY BAN NHÂN DÂN TỈNH ĐỒNG NAI HỌP BÀN VỀ NƯỚC SẠCH"


@pytest.mark.parametrize("language", FOREIGN)
def test_other_languages_are_left_alone(language: str) -> None:
    """Sentences of other languages, one by one and together, read as cp1252 or with their bytes taken for it."""
    for text in [*FOREIGN[language], " ".join(FOREIGN[language])]:
        assert len(text) >= 40
        assert decode_legacy(text) is None
        assert decode_legacy(text.encode().decode("latin-1")) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (SENTENCE, "Unicode"),
        (unicodedata.normalize("NFD", SENTENCE), "Unicode, decomposed"),
        (SENTENCE.encode().decode("latin-1"), "UTF-8 bytes read as Latin-1"),
        (SENTENCE.encode().decode("cp1252", "ignore"), "UTF-8 bytes read as cp1252"),
        ("Các bé có cá, các bà có bí, cô có khoá, hoàn toàn có hoài bão, khoá hai", "no Unicode-only letter"),
        ("Hoi nghi tong ket cong tac dan van nam 2008 cua tinh", "no diacritics"),
        ("Héi nghÞ tæng kÕt c«ng t¸c d©n", "too short"),
        ("1234567890 1234567890 1234567890 1234567890 Héi nghÞ tæng kÕt", "too few letters"),
        ("\u00b5m \u00b5m \u00b5m " * 20, "one unit again and again"),
        ("\u00ab\u00bb\u00a9\u00b7" * 20, "signs"),
        ("Option »%c«, Option »%d«, Option »%l«, Option »%t« und Option »%n«", "quotation marks that touch letters"),
        ("n\u00adíc " * 100, "one word again and again"),
        ("", "nothing"),
    ],
)  # fmt: skip
def test_texts_to_leave_alone(text: str, why: str) -> None:
    """Unicode Vietnamese in any form, what other mistakes left of it, and what is too little to tell."""
    assert decode_legacy(text) is None, why


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_text_in_two_encodings_is_what_most_of_it_is(encoding: Encoding) -> None:
    """A few Unicode words in an old text stay as they are; an old name in a Unicode text changes nothing."""
    legacy = SENTENCE.translate(CODES[encoding])
    assert decode_legacy(f"Đá, phường Bến Thủy: {legacy} {legacy}") == f"Đá, phường Bến Thủy: {SENTENCE} {SENTENCE}"
    assert decode_legacy(f"{SENTENCE} {'Hội nghị tổng kết'.translate(CODES[encoding])}") is None
    assert decode_legacy(f"{SENTENCE} {legacy}") is None


@given(st.text(st.sampled_from("aeouynghct HN\u00adµ¸·®«éíôöøùïñÑØ\u0093\u0301ệđ10.\n"), max_size=300))
def test_no_text_breaks_it(text: str) -> None:
    """Any mixture is either left alone or gives text that is not decoded a second time to something longer."""
    decoded = decode_legacy(text)
    assert (decoded is None) == (detect(text) is None)
    assert decoded is None or len(decoded) <= len(text)


def test_long_texts_cost_linear_time() -> None:
    """Long texts of one word, of capitals, of marks: read once, not once for each letter."""
    assert decode_legacy("n\u00adí" * 300_000) is None
    assert decode_legacy("aø\u0301\u0323" * 200_000) is None
    legacy = SENTENCE.translate(CODES["tcvn3"]) + "\n"
    assert len(decode_legacy(legacy + "HéI " * 100_000 + "a" * 300_000) or "") == len(legacy) + 700_000
    assert len(decode_legacy(legacy * 100 + "Hé" * 300_000) or "") == len(legacy) * 100 + 600_000
