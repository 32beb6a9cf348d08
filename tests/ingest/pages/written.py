"""Pages that the tests of this folder write."""

TEXT = (
    "Sáng 7/2, UBND huyện A tổ chức hội nghị triển khai nhiệm vụ phát triển kinh tế, xã hội năm 2023.",
    "Dự hội nghị có lãnh đạo các phòng, ban và đại diện 18 xã, thị trấn trên địa bàn huyện.",
    "Năm qua, thu ngân sách của huyện đạt 112 phần trăm kế hoạch, ba xã về đích nông thôn mới.",
    "Kết luận hội nghị, đồng chí Chủ tịch yêu cầu các đơn vị bắt tay ngay vào công việc sau Tết.",
)
PARAGRAPHS = "".join(f"<p>{paragraph}</p>" for paragraph in TEXT)
HEADLINE = "Huyện A triển khai nhiệm vụ năm 2023"
LINKS = "".join(f'<li><a href="/tin-{n}.html">Một tin khác hẳn của huyện, số {n}</a></li>' for n in range(8))


def page(body: str, head: str = "", title: str = HEADLINE) -> str:
    return f"<!doctype html><html><head><title>{title}</title>{head}</head><body>{body}</body></html>"


def article(inside: str = PARAGRAPHS, head: str = "", above: str = "", below: str = "") -> str:
    return page(f"{above}<div class='box'><h1>{HEADLINE}</h1><div class='text'>{inside}</div></div>{below}", head)


def ld(json: str) -> str:
    return f'<script type="application/ld+json">{json}</script>'
