"""Where the desk's thread and the sync's meet: one question, taken or given up, answered once."""

from __future__ import annotations

from threading import Barrier, Thread

from kiosk.circulation.events import Enquire
from kiosk.ports import Question, Reply
from kiosk.sync.questions import Questions

ONE, TWO = Question(1, Enquire("B1", "item")), Question(2, Enquire("B2", "item"))


def put(question: Question = ONE) -> tuple[Questions, list[Reply]]:
    """A question that waits, and where the replies go."""
    questions, replies = Questions(), list[Reply]()
    questions.deliver_to(replies.append)
    questions.online(True)
    questions.ask(question)
    return questions, replies


def test_nobody_is_there_before_the_first_exchange() -> None:
    assert not Questions().is_there()


def test_a_question_wakes_the_sync_and_is_taken_once() -> None:
    woken: list[int] = []
    questions = Questions(wake=lambda: woken.append(1))
    questions.ask(ONE)
    assert woken == [1] and questions.is_asked()
    assert questions.take() is ONE and questions.take() is None and not questions.is_asked()


def test_what_was_not_taken_never_left() -> None:
    questions, replies = put()
    assert questions.give_up() is False
    assert questions.take() is None and replies == []


def test_a_sync_that_was_too_busy_is_not_waited_for_again_until_it_is_heard_of() -> None:
    questions, _ = put()
    questions.give_up()
    assert not questions.is_there()
    questions.online(True)
    assert questions.is_there()


def test_what_was_taken_may_have_left_and_lies_with_central_until_it_answers() -> None:
    questions, replies = put()
    questions.take()
    assert questions.give_up() is True
    assert not questions.is_there(), "another question would wait behind it"
    questions.answer(Reply(1), was_there=True)
    assert replies == [Reply(1)] and questions.is_there()


def test_a_central_that_was_away_is_not_asked_again() -> None:
    questions, _ = put()
    questions.take()
    questions.answer(Reply(1, away=True), was_there=False)
    assert not questions.is_there()


def test_a_question_after_one_that_was_given_up_is_another() -> None:
    questions, _ = put()
    questions.give_up()
    questions.ask(TWO)
    assert questions.take() is TWO


def test_taking_and_giving_up_at_once_agree_on_whether_it_left() -> None:
    for _ in range(300):
        questions, _ = put()
        start, taken = Barrier(2), list[Question | None]()

        def take(questions: Questions = questions, start: Barrier = start, into: list[Question | None] = taken) -> None:
            start.wait()
            into.append(questions.take())

        thread = Thread(target=take)
        thread.start()
        start.wait()
        left = questions.give_up()
        thread.join()
        assert left is (taken == [ONE])
