"""Articles of made-up news, as many as are asked for."""

import random

from vnsearch import Article

_SYLLABLES = (
    "dân vận tỉnh ủy hội nghị công tác nông thôn mới huyện xã phường thành phố đường cầu trường học bệnh viện cán bộ "
    "nhân dân ủy ban mặt trận tổ quốc bão lũ mưa nắng lúa cam chè rừng biển cảng khu công nghiệp doanh nghiệp thuế"
).split()
_PROVINCES = ("Lạng Sơn", "Phú Thọ", "Huế", "Cà Mau")


def articles(number: int, *, seed: int = 0, prefix: str = "a") -> list[Article]:
    """So many of some 60 syllables, ids prefix0, prefix1 ...; among a few common words each has some of its own."""
    rng = random.Random(seed)
    return [
        Article(
            id=f"{prefix}{n}",
            title=" ".join(rng.choices(_SYLLABLES, k=8)),
            body=" ".join([*rng.choices(_SYLLABLES, k=50), f"mã{rng.randrange(500)}", f"số{n}"]),
            provinces=(rng.choice(_PROVINCES),),
            source=f"bao{rng.randrange(9)}.vn",
        )
        for n in range(number)
    ]
