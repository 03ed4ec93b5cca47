"""The demo school's fixed people and books, the same for every seed: for scripts, guides and tests.

Cards and barcodes are written out, so that a guide can print them and a test can find them with grep.
"""

from dataclasses import dataclass

from kiosk.demo.names import Name

# People. Cards first, then what a cardless pupil is found by.

#: Айгүл Әбілова, 5 «Ә»: three books on loan, «Араша» due in 3 days, «Ұшқан ұя» and «Менің атым Қожа» in 10
AIGUL_CARD = "P0000018"
#: a pupil with nothing on loan and nothing in the way: Нұрсұлтан Сейітов, 7 «А»
DEMO_PUPIL_CARD = "P0000026"
#: a pupil with one book overdue by 6 days («Аманат») and one due in 4: Ернар Тұрсынов, 9 «А»
OVERDUE_CARD = "P0000034"
#: a pupil with five books, the limit, none overdue: Гауһар Қаһарманова, 6 «А»
FULL_CARD = "P0000042"
#: a pupil of a Russian-medium class with nothing on loan: Анна Соколова, 4 «В»
RUSSIAN_PUPIL_CARD = "P0000059"
#: the librarian, Қарлығаш Нұрғалиева
LIBRARIAN_CARD = "P0000067"
#: a teacher, Бақытжан Оспанов
TEACHER_CARD = "P0000075"
#: a room that borrows: «12-кабинет»
ROOM_CARD = "P0000083"
#: a group that borrows: the kindergarten group «Балапан» with its book bag
GROUP_CARD = "P0000091"
#: a pupil of grade 3 without a card: Ерасыл Жұмабеков
CARDLESS_CLASS = "3 «Ә»"
CARDLESS_NAME = Name("Жұмабеков", "Ерасыл", "Нұрланұлы")
CARDLESS_EXTERNAL_ID = "K100006"

#: the same card under a short name
DEMO_PUPIL = DEMO_PUPIL_CARD

# Items. The first three are with Айгүл; "free" means: not on loan, no pupil of the generated crowd has it.

ARASHA_BARCODE = "B00000018"
USHQAN_UYA_BARCODE = "B00000026"
QOZHA_BARCODE = "B00000034"
#: free books: «Шығанақ», «Тағдыр», «Асыл сөз», «Рабиға», «Тұран», «Жақсылық көрсем өзімнен», А. Барто «Стихи детям»
SHYGHANAQ_BARCODE = "B00000042"
TAGHDYR_BARCODE = "B00000059"
ASYL_SOZ_BARCODE = "B00000067"
RABIGHA_BARCODE = "B00000075"
TURAN_BARCODE = "B00000083"
ZHAQSYLYQ_BARCODE = "B00000091"
BARTO_BARCODE = "B00000109"
FREE_BARCODES = (
    SHYGHANAQ_BARCODE,
    TAGHDYR_BARCODE,
    ASYL_SOZ_BARCODE,
    RABIGHA_BARCODE,
    TURAN_BARCODE,
    ZHAQSYLYQ_BARCODE,
    BARTO_BARCODE,
)
#: the library's only copy of a title, free: Ш. Әбенов «Қозы Көрпеш – Баян сұлу», 1965
ONLY_COPY_BARCODE = "B00000117"
#: the only copy of a title, on loan to the pupil with five books, so one to place a hold on: К. Әзірбаев «Бозторғай»
BOZTORGHAI_BARCODE = "B00000125"
#: the overdue book of OVERDUE_CARD: М. Мақатаев «Аманат»
OVERDUE_BARCODE = "B00000133"
#: reading room only: «Қазақстан ұлттық энциклопедиясы», volume 1
REFERENCE_BARCODE = "B00000141"
#: a textbook, so not self-issued: «Алгебра, 7-сынып», 2023
TEXTBOOK_BARCODE = "B00000158"
#: an e-book reader, «Электронды кітап оқығыш»
EQUIPMENT_BARCODE = "B00000166"
#: a free book without a barcode (the label is torn), found by its inventory number: «Абай жолы. 1-кітап»
TORN_INVENTORY_NO = "9017"


@dataclass(frozen=True)
class FixedPupil:
    """A pupil the guides know by name; `card` is "" without one, None if chance decides."""

    name: Name
    class_name: str
    external_id: str
    card: str | None = None


@dataclass(frozen=True)
class FixedItem:
    """A copy the guides know: which title, and its numbers; `barcode` is "" if its label is torn."""

    title: str
    author: str
    barcode: str
    inventory_no: str


PUPILS = (
    FixedPupil(Name("Әбілова", "Айгүл", "Серікқызы"), "5 «Ә»", "K100001", AIGUL_CARD),
    FixedPupil(Name("Сейітов", "Нұрсұлтан", "Маратұлы"), "7 «А»", "K100002", DEMO_PUPIL_CARD),
    FixedPupil(Name("Тұрсынов", "Ернар", "Асқарович"), "9 «А»", "K100003", OVERDUE_CARD),
    FixedPupil(Name("Қаһарманова", "Гауһар", "Жеңісқызы"), "6 «А»", "K100004", FULL_CARD),
    FixedPupil(Name("Соколова", "Анна", "Сергеевна"), "4 «В»", "K100005", RUSSIAN_PUPIL_CARD),
    FixedPupil(CARDLESS_NAME, CARDLESS_CLASS, CARDLESS_EXTERNAL_ID, ""),
    # Namesakes: the same surname and given name in different classes, so a name alone never says who it is.
    FixedPupil(Name("Ахметов", "Нұрсұлтан", "Ерланұлы"), "3 «А»", "K100011"),
    FixedPupil(Name("Ахметов", "Нұрсұлтан", "Болатұлы"), "7 «Ә»", "K100012"),
    FixedPupil(Name("Омарова", "Аружан", "Қайратқызы"), "1 «Ә»", "K100013"),
    FixedPupil(Name("Омарова", "Аружан", ""), "5 «А»", "K100014"),
    FixedPupil(Name("Қасымов", "Алихан", "Даниярұлы"), "2 «Ә»", "K100015"),
    FixedPupil(Name("Қасымов", "Алихан", "Даниярұлы"), "10 «А»", "K100016"),
    FixedPupil(Name("Ким", "Виктория", "Андреевна"), "2 «В»", "K100017"),
    FixedPupil(Name("Ким", "Виктория", "Олеговна"), "8 «Г»", "K100018"),
)

ITEMS = (
    FixedItem("Араша", "Қ. Баянбай", ARASHA_BARCODE, "9001"),
    FixedItem("Ұшқан ұя", "Б. Момышұлы", USHQAN_UYA_BARCODE, "9002"),
    FixedItem("Менің атым Қожа", "Б. Соқпақбаев", QOZHA_BARCODE, "9003"),
    FixedItem("Шығанақ", "Ғ. Мұстафин", SHYGHANAQ_BARCODE, "9004"),
    FixedItem("Тағдыр", "Қ. Жұмаділов", TAGHDYR_BARCODE, "9005"),
    FixedItem("Асыл сөз", "С. Торайғыров", ASYL_SOZ_BARCODE, "9006"),
    FixedItem("Рабиға", "Ж. Аймауытов", RABIGHA_BARCODE, "9007"),
    FixedItem("Тұран", "М. Жұмабаев", TURAN_BARCODE, "9008"),
    FixedItem("Жақсылық көрсем өзімнен", "С. Торайғыров", ZHAQSYLYQ_BARCODE, "9009"),
    FixedItem("Стихи детям", "А. Барто", BARTO_BARCODE, "9010"),
    FixedItem("Қозы Көрпеш – Баян сұлу", "Ш. Әбенов", ONLY_COPY_BARCODE, "9011"),
    FixedItem("Бозторғай", "К. Әзірбаев", BOZTORGHAI_BARCODE, "9012"),
    FixedItem("Аманат", "М. Мақатаев", OVERDUE_BARCODE, "9013"),
    FixedItem("Қазақстан ұлттық энциклопедиясы. 1-том", "", REFERENCE_BARCODE, "9014"),
    FixedItem("Алгебра, 7-сынып", "А. Е. Әбілқасымова", TEXTBOOK_BARCODE, "9015"),
    FixedItem("Электронды кітап оқығыш", "", EQUIPMENT_BARCODE, "9016"),
    FixedItem("Абай жолы. 1-кітап", "М. Әуезов", "", TORN_INVENTORY_NO),
    FixedItem("Құлагер", "І. Жансүгіров", "B00000174", "9018"),
    FixedItem("Жусан иісі", "С. Мұратбеков", "B00000182", "9019"),
    FixedItem("Қырық мысал", "А. Байтұрсынұлы", "B00000190", "9020"),
    FixedItem("Кішкентай ханзада", "А. де Сент-Экзюпери", "B00000208", "9021"),
    FixedItem("Қар қызы", "О. Бөкей", "B00000216", "9022"),
)

#: (card, barcode, days from today until due; negative is overdue)
LOANS = (
    (AIGUL_CARD, ARASHA_BARCODE, 3),
    (AIGUL_CARD, USHQAN_UYA_BARCODE, 10),
    (AIGUL_CARD, QOZHA_BARCODE, 10),
    (OVERDUE_CARD, OVERDUE_BARCODE, -6),
    (OVERDUE_CARD, "B00000216", 4),
    (FULL_CARD, BOZTORGHAI_BARCODE, 5),
    (FULL_CARD, "B00000174", 5),
    (FULL_CARD, "B00000182", 8),
    (FULL_CARD, "B00000190", 8),
    (FULL_CARD, "B00000208", 9),
)

#: cards and barcodes up to these running numbers are kept for the fixed ones above
LAST_FIXED_CARD = 100
LAST_FIXED_BARCODE = 1000
