//! The members of a room: parts of the pane beside it.

use crate::{
    api::{AddMember, Failure, LeaveRoom, RemoveMember, RestoreMember, RevokeRoomInvitation},
    confirm_button::ConfirmButton,
    forms::{Form, PostForm},
    server_pages::fragments::FragmentContext,
    ui::{Avatar, Field, Notice, Submit},
    undo_notice::UndoNotice,
};
use leptos::prelude::*;
use protocol::{
    limits::{PAGE_MAX, USERNAME_CHARS},
    page::{Page, PageQuery},
    permissions::{Permission, RoomPermission, can_remove},
    room::{Member, Room, RoomRole, Visibility},
    room_invitation::RoomInvitation,
};

/// Whether the caller may add members.
fn may_add(context: &FragmentContext, room: &Room) -> bool {
    let caller = &context.caller;
    !room.fixed_members
        && Permission::ManageMembers.is_granted_to(caller.role)
        && RoomPermission::Add.is_granted_in(room, caller.role)
}

/// The form that adds a member, and what was just done.
pub async fn add_members(context: &FragmentContext) -> Result<AnyView, Failure> {
    let room = context.room().await?;
    let removed = context.query("removed").map(|user| {
        let fields = view! {
            <input type="hidden" name="room_id" value=room.id.to_string()/>
            <input type="hidden" name="user_id" value=user/>
        };
        let form = Form::of::<RestoreMember>();
        view! { <UndoNotice form text="Member removed.">{fields}</UndoNotice> }.into_any()
    });
    if !may_add(context, &room) {
        return Ok(removed.into_any());
    }
    let add = Form::of::<AddMember>();
    let invited = context.query("invited").filter(|_| !add.has_failed());
    let username = context.query("username").unwrap_or_default();
    let room_id = room.id.to_string();
    Ok(view! {
        {removed}
        <div class="add-member">
            <PostForm form=add>
                <input type="hidden" name="room_id" value=room_id/>
                <Field label="Username" name="username" error=add.error() value=username
                    maxlength=*USERNAME_CHARS.end() list="people-to-add" suggestions="/do/read/suggest-members"
                    hint="Add someone by name or username."/>
                <datalist id="people-to-add"></datalist>
                <Submit label="Add" pending=add.pending() variant="secondary"/>
            </PostForm>
            <div role="status">{invited.map(|_| view! { <p class="muted">"Invitation sent."</p> }.into_any())}</div>
        </div>
    }
    .into_any())
}

/// The pending invitations, for members who may add others, and the members.
pub async fn members(context: &FragmentContext) -> Result<AnyView, Failure> {
    let room = context.room().await?;
    let query = || PageQuery { limit: PAGE_MAX, cursor: None };
    let invitations = if may_add(context, &room) {
        context.chat.list_room_invitations(&context.caller, room.id, query()).await?.items
    } else {
        Vec::new()
    };
    let Page { items, next_cursor } = context.chat.list_members(&context.caller, room.id, query()).await?;
    let remove = Form::of::<RemoveMember>();
    let rows = items.into_iter().map(|member| {
        let may = !room.fixed_members && can_remove(&room, context.caller.role, member.role);
        let removable = may && !member.is(context.caller.user_id);
        view! { <MemberRow member remove removable/> }
    });
    Ok(view! {
        {(!invitations.is_empty()).then(|| pending(invitations))}
        <Notice text=remove.error()/>
        <ul class="member-list">{rows.collect_view()}</ul>
        {next_cursor.is_some().then(|| view! { <p class="muted">"There are more members."</p> }.into_any())}
        {(!room.fixed_members).then(|| view! { <LeaveForm room/> }.into_any())}
    }
    .into_any())
}

fn pending(invitations: Vec<RoomInvitation>) -> AnyView {
    let revoke = Form::of::<RevokeRoomInvitation>();
    let rows = invitations.into_iter().map(|invitation| view! { <InvitationRow invitation revoke/> });
    view! {
        <section aria-labelledby="pending-invitations">
            <h3 id="pending-invitations">"Invited"</h3>
            <Notice text=revoke.error()/>
            <ul class="member-list">{rows.collect_view()}</ul>
        </section>
    }
    .into_any()
}

#[component]
fn InvitationRow(invitation: RoomInvitation, revoke: Form) -> impl IntoView {
    let RoomInvitation { id, room_id, user, .. } = invitation;
    let page = format!("/people/{}", user.username);
    let name = format!("Revoke the invitation of {}", user.display_name);
    let question = format!("{name}?");
    view! {
        <li>
            <a href=page rel="external">
                <Avatar of=user.clone() size="medium"/>
                <span class="user-name"><strong>{user.display_name}</strong> <span>"@" {user.username}</span></span>
            </a>
            <ConfirmButton label="Revoke" name act="Revoke invitation" form=revoke question>
                <input type="hidden" name="room_id" value=room_id.to_string()/>
                <input type="hidden" name="id" value=id.to_string()/>
            </ConfirmButton>
        </li>
    }
}

#[component]
fn MemberRow(member: Member, remove: Form, removable: bool) -> impl IntoView {
    let Member { room_id, user, role, .. } = member;
    let role = match role {
        RoomRole::Owner => Some("owner"),
        RoomRole::Moderator => Some("moderator"),
        RoomRole::Guest => Some("guest"),
        RoomRole::Member => None,
    };
    let name = format!("Remove {}", user.display_name);
    let question = format!("{name} from this room?");
    let manage = format!("Manage {}", user.display_name);
    let page = format!("/people/{}", user.username);
    view! {
        <li>
            <a href=page rel="external">
                <Avatar of=user.clone() size="medium"/>
                <span class="user-name"><strong>{user.display_name.clone()}</strong> <span>"@" {user.username.clone()}</span></span>
            </a>
            {role.map(|role| view! { <span class="user-role">{role}</span> }.into_any())}
            {removable.then(|| view! {
                <a class="button ghost" href=format!("/rooms/{room_id}/members/{}", user.id) rel="external" aria-label=manage>
                    "Manage"
                </a>
            }.into_any())}
            {removable.then(|| view! {
                <ConfirmButton label="Remove" name act="Remove" form=remove question>
                    <input type="hidden" name="room_id" value=room_id.to_string()/>
                    <input type="hidden" name="user_id" value=user.id.to_string()/>
                </ConfirmButton>
            }.into_any())}
        </li>
    }
}

#[component]
fn LeaveForm(room: Room) -> impl IntoView {
    let leave = Form::of::<LeaveRoom>();
    let question = match (room.visibility, room.member_count) {
        (Visibility::Public, _) => "You can join again at any time.",
        (Visibility::Private, ..=1) => "You're the last member. No one will be able to read this room again.",
        (Visibility::Private, _) => "To come back, someone has to add you again.",
    };
    view! {
        <div class="leave-room">
            <Notice text=leave.error()/>
            <ConfirmButton label="Leave room" act="Leave room" form=leave question>
                <input type="hidden" name="room_id" value=room.id.to_string()/>
            </ConfirmButton>
        </div>
    }
}
